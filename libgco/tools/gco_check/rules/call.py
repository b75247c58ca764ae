# SPDX-License-Identifier: LGPL-2.1-or-later
"""A coroutine_fn suspends its caller, so that one must be a coroutine_fn too."""

NAME = 'call'
ABOUT = 'a coroutine_fn is called by a function that is not one'


def check(function, _settings):
    if function.suspends or function.mixed:
        return
    caller = f'{function.name} ()' if function.name else 'what calls it'
    for call in function.calls:
        if function.marks.suspends(call.callee):
            yield call.cursor, f'{call.name} () is a coroutine_fn, {caller} is not'
