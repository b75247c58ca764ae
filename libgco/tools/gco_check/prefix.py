# SPDX-License-Identifier: LGPL-2.1-or-later
"""The big headers are read once: precompiled, for all C files whose macros are the same."""

import os
import re

# each of these is some 10,000 declarations
BIG = ('gio/gio.h', 'gtk/gtk.h', 'adwaita.h', 'libsoup/soup.h')
INCLUDE = re.compile(r'^\s*#\s*include\s*<([^>]+)>', re.M)
# A file may define it before its first header, which with these is too late.
MACROS = ['-D_GNU_SOURCE']
FEW = 3


def kind(unit):
    """Units of one kind can share: where headers are looked for does not matter."""
    return tuple(word for word in unit.words if not word.startswith('-I'))


def found_in(words, name):
    folders = [word[2:] for word in words if word.startswith('-I')]
    return any(os.path.exists(os.path.join(folder, name)) for folder in folders)


def mentioned(units):
    names = {BIG[0]}
    for unit in units:
        try:
            with open(unit.path, encoding='utf-8', errors='replace') as stream:
                names.update(INCLUDE.findall(stream.read()))
        except OSError:
            pass
    return names


def precompile(cindex, words, names, stem):
    """The path of the precompiled header, or None if libclang has an objection."""
    with open(stem + '.h', 'w', encoding='utf-8') as stream:
        stream.writelines(f'#include <{name}>\n' for name in names)
    # 2, 16: incomplete, and to be saved
    unit = cindex.Index.create().parse(stem + '.h', options=2 | 16,
                                       args=[*words, *MACROS, '-x', 'c-header'])
    if any(found.severity >= cindex.Diagnostic.Error for found in unit.diagnostics):
        return None
    unit.save(stem + '.pch')
    return stem + '.pch'


def share(cindex, units, folder):
    """Gives units a `prefix`, the words that bring what is precompiled."""
    kinds = {}
    for unit in units:
        unit.prefix = []
        if unit.path.endswith('.c'):
            kinds.setdefault(kind(unit), []).append(unit)
    for number, alike in enumerate(kinds.values()):
        words = list(dict.fromkeys(word for unit in alike for word in unit.words
                                   if word.startswith('-I'))) + list(kind(alike[0]))
        names = mentioned(alike)
        names = [name for name in BIG if name in names and found_in(words, name)]
        if len(alike) < FEW or not names:
            continue
        path = precompile(cindex, words, names, os.path.join(folder, str(number)))
        if path:
            for unit in alike:
                unit.prefix = [*MACROS, '-include-pch', path]
