# SPDX-License-Identifier: LGPL-2.1-or-later
"""gco-check -p BUILD [PATH...]"""

import argparse
import os
import sys

from . import commands, library, marks, project, rules
from .rules import blocking

ENDS = 'Exits 1 if there is a warning, 2 if it could not look.'


def parse():
    parser = argparse.ArgumentParser(prog='gco-check', epilog=ENDS, description=(
        'Reports calls of a coroutine_fn from a function that is not one, pointers that lose '
        'the marker, and calls that block inside of a coroutine_fn.'))
    parser.add_argument('paths', nargs='*', metavar='PATH',
                        help='files and folders to look at (otherwise all that is compiled, but '
                        'for what the build directory contains)')
    parser.add_argument('-p', dest='build', metavar='BUILD', default='.',
                        help='the directory with compile_commands.json')
    parser.add_argument('--rules', metavar='RULE,...', help='only these')
    parser.add_argument('--list', action='store_true', help='name the rules and end')
    parser.add_argument('--blocking', metavar='FILE', action='append', default=[],
                        help='more functions that block, or do not')
    parser.add_argument('--body-type', metavar='TYPE', action='append', default=[],
                        help='a function type whose functions become coroutines')
    return parser, parser.parse_args()


def chosen(words):
    names = list(rules.ALL) if words is None else words.split(',')
    unknown = [name for name in names if name not in rules.ALL]
    if unknown:
        raise ValueError(f'there is no rule "{unknown[0]}"; --list names them')
    return names


def selected(units, paths, build):
    """The units under the paths, and what the complaints may be about."""
    if paths:
        folders = [os.path.realpath(path) for path in paths]
        kept = [unit for unit in units if any(
            os.path.realpath(unit.path) == folder or
            os.path.realpath(unit.path).startswith(folder + os.sep) for folder in folders)]
    else:
        build = os.path.realpath(build) + os.sep
        kept = [unit for unit in units if not os.path.realpath(unit.path).startswith(build)]
        common = os.path.commonpath([unit.path for unit in kept] or [os.sep])
        folders = [os.path.realpath(common)]
    if not kept:
        raise ValueError('nothing that is compiled is under ' + (' '.join(paths) or 'there'))
    return kept, folders


def shown(path):
    """Short where that is short."""
    short = os.path.relpath(path)
    return path if short.startswith('..') else short


def run(arguments):
    names = chosen(arguments.rules)
    # the workers load it too; what is missing is told once
    library.load()
    units, folders = selected(commands.units(arguments.build), arguments.paths, arguments.build)
    settings = project.Settings(names, folders, [blocking.LIST, *arguments.blocking],
                                marks.BODIES | set(arguments.body_type))
    blocking.Table(settings.lists)
    errors, found = project.check(settings, units)
    for line in errors:
        print(line, file=sys.stderr)
    for path, line, column, sentence in found:
        print(f'{shown(path)}:{line}:{column}: warning: {sentence}')
    if errors:
        print('gco-check: libclang could not understand all of it', file=sys.stderr)
        return 2
    return 1 if found else 0


def main():
    parser, arguments = parse()
    if arguments.list:
        for name, rule in rules.ALL.items():
            print(f'{name:12} {rule.ABOUT}')
        return 0
    try:
        return run(arguments)
    except (library.Missing, commands.Unreadable, OSError, ValueError) as problem:
        print(f'{parser.prog}: {problem}', file=sys.stderr)
        return 2
