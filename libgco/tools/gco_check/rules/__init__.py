# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules. Each is a module with a NAME, a sentence about it, and check (function, settings),
which yields (cursor, complaint)."""

from . import blocking, call, declaration, mutex, pointer

ALL = {rule.NAME: rule for rule in (call, pointer, declaration, blocking, mutex)}
