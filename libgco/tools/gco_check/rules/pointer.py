# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pointer without the marker would let anybody call what is behind it."""

from .. import marks

NAME = 'pointer'
ABOUT = 'a coroutine_fn becomes a pointer that is not marked'


def runs_elsewhere(sink):
    """A body, for a parameter of a function that calls it in a thread."""
    parent = sink.declaration.semantic_parent if sink.declaration is not None else None
    return parent is not None and parent.spelling in marks.NO_BODIES


def check(function, settings):
    pointer = settings.cindex.TypeKind.POINTER
    for use in function.uses:
        sink = use.sink
        # compared, negated or thrown away
        if sink.kind.get_canonical().kind != pointer:
            continue
        if runs_elsewhere(sink):
            yield use.cursor, (f'{use.what.spelling} is a coroutine_fn, and {sink.name} '
                               'is called outside of coroutines')
        elif not function.marks.keeps(sink.kind, sink.declaration):
            yield use.cursor, (f'{use.what.spelling} is a coroutine_fn, and {sink.name} '
                               f'({sink.kind.spelling}) is not marked')
