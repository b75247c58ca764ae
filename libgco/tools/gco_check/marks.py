# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which functions, pointers and types are marked as coroutine_fn."""

COROUTINE = 'coroutine_fn'
# QEMU's: may be called by both, and finds out
MIXED = 'coroutine_mixed_fn'

# What is given as one of these becomes the body of a coroutine.
BODIES = {'GcoCoroutineFunc', 'GcoRunFunc', 'GcoTaskFunc', 'CoroutineEntry'}

# These take such a type, and call it in a thread, where nothing can suspend.
NO_BODIES = {'gco_run_in_thread'}


class Marks:
    """What the declarations of one file say; asked of each once."""

    def __init__(self, cindex, bodies):
        self.kinds, self.types = cindex.CursorKind, cindex.TypeKind
        self.bodies = bodies
        self.known = {}

    def words(self, declaration):
        """The annotations; they come before whatever else there is in it."""
        key = declaration.hash
        if key not in self.known:
            self.known[key] = {child.spelling for child in declaration.get_children()
                               if child.kind == self.kinds.ANNOTATE_ATTR}
        return self.known[key]

    def type_words(self, kind):
        """The annotations of a type's names, and those names."""
        words, names = set(), set()
        while kind.kind in (self.types.TYPEDEF, self.types.ELABORATED):
            declaration = kind.get_declaration()
            if declaration.kind != self.kinds.TYPEDEF_DECL:
                break
            words |= self.words(declaration)
            names.add(declaration.spelling)
            kind = declaration.underlying_typedef_type
        return words, names

    def of(self, declaration):
        """The marks of a function, or of a pointer and its type."""
        words = self.words(declaration)
        if declaration.kind == self.kinds.FUNCTION_DECL:
            return words
        return words | self.type_words(declaration.type)[0]

    def suspends(self, declaration):
        return declaration is not None and COROUTINE in self.of(declaration)

    def keeps(self, kind, declaration=None):
        """Whether a pointer of that type, or so declared, may be a coroutine_fn."""
        words, names = self.type_words(kind)
        if declaration is not None:
            words = words | self.words(declaration)
        return bool(words & {COROUTINE, MIXED} or names & self.bodies)
