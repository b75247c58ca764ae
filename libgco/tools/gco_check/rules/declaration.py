# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other files see the declaration only: a marker on the definition is lost on them."""

NAME = 'declaration'
ABOUT = 'a definition is a coroutine_fn, and its declaration does not say so'


def check(function, _settings):
    cursor = function.cursor
    if cursor is None or not function.suspends:
        return
    first = cursor.canonical
    if first != cursor and not function.marks.suspends(first):
        where = first.location
        yield cursor, (f'{function.name} () is a coroutine_fn, and its declaration in '
                       f'{where.file.name.rsplit("/", 1)[-1]}:{where.line} is not marked')
