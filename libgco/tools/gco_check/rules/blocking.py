# SPDX-License-Identifier: LGPL-2.1-or-later
"""A call that blocks in a coroutine stops all coroutines of its thread, and the main loop."""

import fnmatch
import os
import re

NAME = 'blocking'
ABOUT = 'a coroutine_fn calls something that blocks its thread'
LIST = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'blocking.list')

# whoever waits for a descriptor like this has made it non-blocking
WAITS = {'gco_wait_fd', 'gco_wait_fd_until', 'qemu_coroutine_yield'}


class Table:
    """Lines of: pattern, advice. The advice `fd` means: it blocks if its descriptor does;
    `-` means that it does not block after all. Of two lines the later one counts."""

    def __init__(self, paths):
        self.exact, self.patterns, self.known = {}, [], {}
        for path in paths:
            with open(path, encoding='utf-8') as stream:
                for line in stream:
                    self.add(line)

    def add(self, line):
        pattern, _, advice = line.split('#')[0].strip().partition(' ')
        if '*' in pattern:
            self.patterns.insert(0, (re.compile(fnmatch.translate(pattern)), advice.strip()))
        elif pattern:
            self.exact[pattern] = advice.strip()

    def advice(self, name):
        """None if it does not block."""
        if name not in self.known:
            found = self.exact.get(name)
            if found is None:
                found = next((a for p, a in self.patterns if p.match(name)), None)
            self.known[name] = None if found == '-' else found
        return self.known[name]


def only_looks(call):
    """poll () and the like with a timeout of 0: they return at once."""
    if call.name not in ('poll', 'ppoll', 'g_poll', 'epoll_wait') or not call.arguments:
        return False
    return [token.spelling for token in call.arguments[-1].get_tokens()] == ['0']


def is_own(function, call):
    """Of the project: a twin that suspends, or just a function of that name."""
    return function.marks.suspends(call.callee) or call.callee.get_definition() is not None


def check(function, settings):
    if not function.suspends:
        return
    waits = any(call.name in WAITS for call in function.calls)
    for call in function.calls:
        advice = settings.table.advice(call.name)
        if advice is None or is_own(function, call) or only_looks(call):
            continue
        if advice == 'fd':
            if waits:
                continue
            advice = 'unless its descriptor is non-blocking; wait with gco_wait_fd ()'
        yield call.cursor, f'{call.name} () blocks the thread' + (f': {advice}' if advice else '')
