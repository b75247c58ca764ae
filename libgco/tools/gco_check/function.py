# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the rules see of a function: whom it calls, and where it puts functions."""


class Call:
    """A call: its cursor, what is called (or None), its arguments, the block it is in."""

    def __init__(self, cursor, callee, arguments, block):
        self.cursor, self.callee, self.arguments = cursor, callee, arguments
        self.block = block
        self.name = callee.spelling if callee is not None else ''


class Use:
    """A marked function or pointer, where it is not called: put into `sink`."""

    def __init__(self, cursor, what, sink):
        self.cursor, self.what, self.sink = cursor, what, sink


class Sink:
    """Where a value goes: a type, what was declared with it, and its name for people."""

    def __init__(self, kind, declaration, name):
        self.kind, self.declaration, self.name = kind, declaration, name


# What G_DEFINE_AUTOPTR_CLEANUP_FUNC () and its like define runs at the end of a scope; whoever
# made the value there has been looked at.
GENERATED = ('glib_autoptr_', 'glib_auto_cleanup_', 'glib_listautoptr_', 'glib_slistautoptr_',
             'glib_queueautoptr_')


class Function:
    """A definition (or, with cursor None, what initializes a variable)."""

    def __init__(self, cursor, marks):
        self.cursor, self.marks = cursor, marks
        self.calls, self.uses, self.blocks = [], [], []
        words = marks.of(cursor) if cursor is not None else set()
        self.suspends = 'coroutine_fn' in words
        self.mixed = 'coroutine_mixed_fn' in words
        self.name = cursor.spelling if cursor is not None else ''
        self.generated = self.name.startswith(GENERATED)
