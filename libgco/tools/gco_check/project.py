# SPDX-License-Identifier: LGPL-2.1-or-later
"""Parses the files, in all processors, and asks the rules about each function."""

import concurrent.futures
import os
import re
import tempfile

from . import library, prefix, rules
from .marks import Marks
from .rules.blocking import Table
from .walk import Walk

ALLOW = re.compile(r'gco-check:\s*allow\s+([\w, -]+)')


class Settings:
    """What was asked for. Workers get it whole."""

    def __init__(self, names, folders, lists, bodies):
        self.names, self.folders, self.lists, self.bodies = names, folders, lists, bodies
        self.cindex = self.table = None

    def start(self):
        self.cindex = library.load()
        self.table = Table(self.lists)

    def covers(self, path):
        return any(path == folder or path.startswith(folder + os.sep)
                   for folder in self.folders)


class Comments:
    """Where a comment allows what a rule would say: on the line, or alone on that before."""

    def __init__(self):
        self.lines = {}

    def text(self, path):
        if path not in self.lines:
            with open(path, encoding='utf-8', errors='replace') as stream:
                self.lines[path] = stream.read().splitlines()
        return self.lines[path]

    def allow(self, path, line, rule):
        lines = self.text(path)
        before = lines[line - 2].strip() if line > 1 else ''
        for words in (lines[line - 1], before if before.startswith(('/*', '//')) else ''):
            found = ALLOW.search(words)
            if found and rule in re.split(r'[,\s]+', found[1]):
                return True
        return False


def problems(cindex, unit):
    """What libclang could not understand: then the rules would be blind."""
    return [f'{d.location.file.name if d.location.file else unit.path}:{d.location.line}:'
            f'{d.location.column}: error: {d.spelling}'
            for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error][:3]


def complaints(settings, walked, comments):
    if walked.generated:
        return
    for name in settings.names:
        for cursor, sentence in rules.ALL[name].check(walked, settings):
            where = cursor.location
            path = os.path.normpath(where.file.name)
            if not comments.allow(path, where.line, name):
                yield path, where.line, where.column, f'{sentence} [{name}]'


def parse(cindex, unit):
    """With what is precompiled, of which it then shows nothing; without, if that does not fit."""
    for words in ([unit.prefix] if unit.prefix else []) + [[]]:
        parsed = cindex.Index.create(bool(words)).parse(unit.path, args=[*unit.words, *words])
        if not problems(cindex, parsed):
            break
    return parsed


def look(settings, unit):
    """(errors, complaints) of one source file and of the headers it is the first to show."""
    cindex = settings.cindex
    kinds = cindex.CursorKind
    try:
        parsed = parse(cindex, unit)
    except cindex.TranslationUnitLoadError:
        return [f'{unit.path}:1:1: error: libclang cannot read it'], []
    marks, comments, found, inside = Marks(cindex, settings.bodies), Comments(), [], {}
    for cursor in parsed.cursor.get_children():
        kind = cursor.kind
        if kind not in (kinds.FUNCTION_DECL, kinds.VAR_DECL):
            continue
        source = cursor.location.file
        name = source.name if source else ''
        if name not in inside:
            inside[name] = settings.covers(os.path.realpath(name))
        if inside[name] and (kind == kinds.VAR_DECL or cursor.is_definition()):
            found += complaints(settings, Walk(cindex, marks, cursor).function, comments)
    return problems(cindex, parsed), found


WORKER = []


def start(settings):
    settings.start()
    WORKER[:] = [settings]


def share(units, folder):
    prefix.share(WORKER[0].cindex, units, folder)
    return units


def work(unit):
    return look(WORKER[0], unit)


def check(settings, units):
    """(errors, complaints) of all of them, each once and in order."""
    errors, found = set(), set()
    executor = concurrent.futures.ProcessPoolExecutor
    with tempfile.TemporaryDirectory(prefix='gco-check-') as folder:
        # a process of its own: libclang does not fork well once it has parsed
        with executor(1, initializer=start, initargs=(settings,)) as pool:
            units = pool.submit(share, units, folder).result()
        with executor(initializer=start, initargs=(settings,)) as pool:
            for bad, good in pool.map(work, units, chunksize=4):
                errors.update(bad)
                found.update(good)
    return sorted(errors), sorted(found)
