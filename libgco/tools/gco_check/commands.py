# SPDX-License-Identifier: LGPL-2.1-or-later
"""What compile_commands.json says, in the words that libclang takes."""

import json
import os
import shlex

# with a word that follows, or without
WITH_WORD = {'-o', '-MF', '-MQ', '-MT', '-MJ', '--param'}
ALONE = {'-c', '-MD', '-MMD', '-MP', '-M', '-MM', '-pipe'}
# relative to the directory of the command
FOLDERS = ('-I', '-isystem', '-iquote', '-include', '-idirafter')
# of the compiler of the project, and perhaps not of ours
FOREIGN = ('-f', '-m', '-W', '-O', '-g')
SOURCES = ('.c', '.cc', '.cpp', '.cxx', '.m')


class Unreadable(Exception):
    """The build directory does not say how its files are compiled."""


def absolute(word, directory):
    for option in FOLDERS:
        if word.startswith(option) and len(word) > len(option):
            return option + os.path.join(directory, word[len(option):])
    return word


def arguments(words, source, directory):
    kept = []
    words = iter(words[1:])
    for word in words:
        if word in WITH_WORD:
            next(words, None)
        elif word in FOLDERS:
            kept += [word, os.path.join(directory, next(words, ''))]
        elif word == '-pthread' or word == source or word in ALONE:
            continue
        elif not word.startswith(FOREIGN):
            kept.append(absolute(word, directory))
    return kept


class Unit:
    """A source file and how it is compiled."""

    def __init__(self, path, words):
        self.path, self.words = path, words


def units(build):
    """A Unit for each file, once, however many programs it is compiled for."""
    name = os.path.join(build, 'compile_commands.json')
    try:
        with open(name, encoding='utf-8') as stream:
            entries = json.load(stream)
    except (OSError, ValueError) as problem:
        raise Unreadable(f'{name}: {problem} (-p names a build directory, which Meson '
                         'and CMake fill)') from problem
    found = {}
    for entry in entries:
        directory = entry['directory']
        path = os.path.normpath(os.path.join(directory, entry['file']))
        words = entry.get('arguments') or shlex.split(entry['command'])
        if path.endswith(SOURCES) and path not in found:
            found[path] = Unit(path, arguments(words, entry['file'], directory))
    return list(found.values())
