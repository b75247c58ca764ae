# SPDX-License-Identifier: LGPL-2.1-or-later
"""A scenario is written once and runs through every door by which Python waits.

Each takes one door and works from outside of the loop, turn by turn: so it can do
something between any two of them. One point of TAP for each scenario and door.
"""

import asyncio
import gc
import sys
import time
import traceback

import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib  # noqa: E402

from glib_selector import GLibSelector  # noqa: E402

try:
    import gbulb
except ImportError:
    gbulb = None
try:
    import gi.events  # of PyGObject 3.50
except ImportError:
    pass

SECONDS = 20  # far longer than anything here takes: then it will never happen


class Trampoline:
    """Gco.spawn(), and no asyncio."""

    name = 'task'
    Cancelled = Gco.Cancelled

    def __init__(self):
        self.context = GLib.MainContext.ref_thread_default()

    def spawn(self, coro):
        return Gco.spawn(coro)

    def turn(self):
        self.context.iteration(False)

    def close(self):
        pass

    def until(self, reached):
        """Turns until it is so."""
        end = time.monotonic() + SECONDS
        while not reached():
            assert time.monotonic() < end, 'it never happened'
            self.turn()

    def settle(self):
        """Turns until there is nothing to do: a source that was busy sits out a few."""
        idle = 0
        while idle < 8:
            idle = 0 if self.context.pending() else idle + 1
            self.turn()

    def end(self, task):
        """Turns until the task has ended. Returns its result or raises what it raised."""
        self.until(task.done)
        return task.result()

    def run(self, coro):
        return self.end(self.spawn(coro))

    def run_asleep(self, coro):
        """The same as programs do it: a loop that has nothing to do sleeps."""
        return Gco.run(coro)


class Asyncio(Trampoline):
    """An asyncio loop; a turn is one iteration of it."""

    Cancelled = asyncio.CancelledError

    def __init__(self):
        super().__init__()
        self.loop = self.make_loop()

    def spawn(self, coro):
        return self.loop.create_task(coro)

    def turn(self):
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def run_asleep(self, coro):
        return self.loop.run_until_complete(coro)

    def close(self):
        self.loop.close()


class Selector(Asyncio):
    name = 'selector'

    def make_loop(self):
        return asyncio.SelectorEventLoop(GLibSelector(self.context))


class Plain(Asyncio):
    """asyncio as it is, which knows no GLib."""

    name = 'plain'

    def make_loop(self):
        return asyncio.SelectorEventLoop()


class Gbulb(Asyncio):
    name = 'gbulb'

    def make_loop(self):
        return gbulb.GLibEventLoop(context=self.context)

    def turn(self):
        """One of the context: to stop a running loop is an event of its own, ahead of idle."""
        asyncio._set_running_loop(self.loop)
        try:
            self.context.iteration(False)
        finally:
            asyncio._set_running_loop(None)


class Events(Asyncio):
    """PyGObject's own, where it has one."""

    name = 'events'

    def make_loop(self):
        return gi.events.GLibEventLoop(self.context)

    def turn(self):
        """Some iterations: one that is to stop this loop would be ahead of idle sources."""
        self.loop.call_later(0.003, self.loop.stop)
        self.loop.run_forever()


DOORS = [Trampoline, Plain, Selector, Gbulb] + ([Events] if hasattr(gi, 'events') else [])


class Tap:
    """Counts what main() runs."""

    def __init__(self):
        self._points = []

    def add(self, path, func, skip=None):
        self._points.append((path, func, skip))

    def through_doors(self, path):
        """Registers func(door) as PATH/DOOR, one point each."""
        def register(func):
            for door in DOORS:
                skip = 'gbulb is not installed' if door is Gbulb and gbulb is None else None
                self.add(f'{path}/{door.name}', lambda door=door: through(door, func), skip)
            return func
        return register

    def plain(self, path):
        """Registers func() as PATH."""
        def register(func):
            self.add(path, func)
            return func
        return register

    def main(self):
        print(f'1..{len(self._points)}')
        failed = False
        for number, (path, func, skip) in enumerate(self._points, 1):
            ok = True
            if not skip:
                try:
                    func()
                except BaseException:
                    ok = False
                    print('\n'.join(f'# {line}' for line in
                                    traceback.format_exc().splitlines()))
            failed = failed or not ok
            print(f'{"ok" if ok else "not ok"} {number} {path}' +
                  (f' # SKIP {skip}' if skip else ''), flush=True)
        sys.exit(failed)


def through(make, func):
    """Runs it with a door of its own, and with its garbage collected before it is closed."""
    door = make()
    try:
        func(door)
        gc.collect()
        for _ in range(5):
            door.turn()
    finally:
        door.close()


def outcome(task):
    """Its exception or None; asked for, so that nobody complains that it was not."""
    try:
        task.result()
    except BaseException as error:
        return error
    return None


def raises(error, func, *args):
    """Returns the exception of that class which func(*args) raises."""
    try:
        func(*args)
    except error as raised:
        return raised
    raise AssertionError(f'{error.__name__} was not raised')


def cancelled_by_gio(func, *args):
    """func(*args) raises what a cancelled GCancellable stands for."""
    error = raises(GLib.Error, func, *args)
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error


def denied(func, *args):
    """func(*args) raises what misuse of a lock stands for."""
    error = raises(GLib.Error, func, *args)
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.PERMISSION_DENIED), error
