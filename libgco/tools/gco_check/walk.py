# SPDX-License-Identifier: LGPL-2.1-or-later
"""Goes through a function once and notes what the rules ask for."""

from .function import Call, Function, Sink, Use

NAMES = ('DECL_REF_EXPR', 'MEMBER_REF_EXPR')
# these hand on what is in them
THROUGH = ('UNEXPOSED_EXPR', 'PAREN_EXPR', 'UNARY_OPERATOR')


class Walk:
    """One walk through a definition. A sink is a function that makes the Sink when there is
    something to put into it, which is rare; None: the value goes nowhere."""

    def __init__(self, cindex, marks, cursor):
        kinds = cindex.CursorKind
        self.cindex, self.marks = cindex, marks
        self.names = {getattr(kinds, name) for name in NAMES}
        self.through = {getattr(kinds, name) for name in THROUGH}
        self.special = {
            kinds.CALL_EXPR: self.call,
            kinds.VAR_DECL: self.variable,
            kinds.BINARY_OPERATOR: self.binary,
            kinds.CONDITIONAL_OPERATOR: self.conditional,
            kinds.RETURN_STMT: self.returned,
            kinds.CSTYLE_CAST_EXPR: self.cast,
            kinds.INIT_LIST_EXPR: self.initializers,
            kinds.COMPOUND_STMT: self.block,
        }
        self.blocks = []
        is_function = cursor.kind == kinds.FUNCTION_DECL
        self.function = Function(cursor if is_function else None, marks)
        if is_function:
            self.children(cursor)
        else:
            self.visit(cursor, None)

    def visit(self, cursor, sink):
        kind = cursor.kind
        if kind in self.names:
            self.name(cursor, sink)
        elif kind in self.special:
            self.special[kind](cursor, sink)
        else:
            self.children(cursor, sink if kind in self.through else None)

    def children(self, cursor, sink=None):
        for child in cursor.get_children():
            self.visit(child, sink)

    def name(self, cursor, sink):
        if sink is not None:
            what = cursor.referenced
            if what is not None and self.marks.suspends(what):
                target = sink()
                if target is not None:
                    self.function.uses.append(Use(cursor, what, target))
        if cursor.kind == self.cindex.CursorKind.MEMBER_REF_EXPR:
            self.children(cursor)

    def call(self, cursor, _sink):
        children = list(cursor.get_children())
        callee = cursor.referenced or self.within(children)
        arguments = children[1:]
        self.function.calls.append(Call(cursor, callee, arguments, tuple(self.blocks)))
        self.children(cursor) if not children else self.visit(children[0], None)
        for number, argument in enumerate(arguments):
            self.visit(argument, lambda n=number: self.parameter(callee, n))

    def within(self, children):
        """What (f), *f and the like name."""
        while len(children) == 1 or children and children[0].kind in self.through:
            if children[0].kind in self.names:
                return children[0].referenced
            children = list(children[0].get_children())
        return None

    def parameter(self, callee, number):
        """What the callee says of its parameter; nothing of those after the dots."""
        if callee is None:
            return None
        name = f'parameter {number + 1} of {callee.spelling} ()'
        declared = list(callee.get_arguments() or ())
        if number < len(declared):
            return Sink(declared[number].type, declared[number], name)
        kind = callee.type.get_canonical()
        if kind.kind == self.cindex.TypeKind.POINTER:
            kind = kind.get_pointee()
        if kind.kind == self.cindex.TypeKind.FUNCTIONPROTO:
            types = list(kind.argument_types())
            if number < len(types):
                return Sink(types[number], None, name)
        return None

    def variable(self, cursor, _sink):
        self.children(cursor, lambda: Sink(cursor.type, cursor, cursor.spelling))

    def binary(self, cursor, _sink):
        sides = list(cursor.get_children())
        if len(sides) != 2:
            return
        self.visit(sides[0], None)
        self.visit(sides[1], lambda: self.assigned(cursor, *sides))

    @staticmethod
    def assigned(cursor, left, right):
        """The left side, if what stands between the two is =."""
        first, last = left.extent.end.offset, right.extent.start.offset
        between = [token.spelling for token in cursor.get_tokens()
                   if first <= token.extent.start.offset < last]
        if between != ['=']:
            return None
        target = left.referenced
        return Sink(left.type, target, target.spelling if target is not None else 'this')

    def conditional(self, cursor, sink):
        for number, child in enumerate(cursor.get_children()):
            self.visit(child, sink if number else None)

    def returned(self, cursor, _sink):
        function = self.function
        self.children(cursor, lambda: Sink(function.cursor.result_type, None,
                                           f'what {function.name} () returns')
                      if function.cursor is not None else None)

    def cast(self, cursor, _sink):
        self.children(cursor, lambda: Sink(cursor.type, None, 'a cast'))

    def initializers(self, cursor, _sink):
        """{ .field = value } says which; { value } is counted."""
        kinds, kind = self.cindex.CursorKind, cursor.type.get_canonical()
        for number, child in enumerate(cursor.get_children()):
            parts = list(child.get_children()) if child.kind == kinds.UNEXPOSED_EXPR else []
            if parts and parts[0].kind == kinds.MEMBER_REF:
                fields = [part.referenced for part in parts if part.kind == kinds.MEMBER_REF]
                self.visit(parts[-1], lambda f=fields[-1]: Sink(f.type, f, f.spelling))
            else:
                self.visit(child, lambda n=number: self.element(kind, n))

    def element(self, kind, number):
        if kind.kind == self.cindex.TypeKind.RECORD:
            fields = list(kind.get_fields())
            if number < len(fields):
                return Sink(fields[number].type, fields[number], fields[number].spelling)
        element = kind.element_type if kind.kind == self.cindex.TypeKind.CONSTANTARRAY else None
        return Sink(element, None, 'an array') if element is not None else None

    def block(self, cursor, _sink):
        self.blocks.append(cursor.hash)
        self.children(cursor)
        self.blocks.pop()
