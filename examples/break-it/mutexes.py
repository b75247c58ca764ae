# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mutexes as people write them, in good faith. Each keeps all others out; what else is
wrong stands in each."""

import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib, GObject  # noqa: E402


def wake(callback):
    """From the main loop: who unlocks may have more to do."""
    def call():
        callback(None, True)
        return GLib.SOURCE_REMOVE

    GLib.idle_add(call)


class StackMutex:
    """Wrong: append() and pop() make a stack, so whoever asked first is served last."""

    def __init__(self):
        self._locked = False
        self._waiting = []

    async def lock(self, cancellable):
        while self._locked:
            await Gco.call_async(self._wait, lambda result: None)
        self._locked = True

    def _wait(self, cancellable, callback):
        self._waiting.append(callback)

    def unlock(self):
        self._locked = False
        if self._waiting:
            wake(self._waiting.pop())

    def is_locked(self):
        return self._locked


class WakeMutex:
    """Wrong: who was woken and finds itself cancelled raises, and wakes nobody instead."""

    def __init__(self):
        self._locked = False
        self._waiting = []

    async def lock(self, cancellable):
        while self._locked:
            await Gco.call_async(self._wait, lambda result: None, cancellable=cancellable)
            cancellable.set_error_if_cancelled()
        self._locked = True

    def _wait(self, cancellable, callback):
        self._waiting.append(callback)
        cancellable.connect(lambda *_: self._leave(callback))

    def _leave(self, callback):
        if callback in self._waiting:
            self._waiting.remove(callback)
            wake(callback)

    def unlock(self):
        self._locked = False
        if self._waiting:
            wake(self._waiting.pop(0))

    def is_locked(self):
        return self._locked


class TaskMutex(GObject.Object):
    """Wrong: a GTask looks at its cancellable once more when it is finished, and reports
    CANCELLED to the one who was given the mutex."""

    def __init__(self):
        super().__init__()
        self._locked = False
        self._waiting = []

    async def lock(self, cancellable):
        await Gco.call_async(self.lock_async, self.lock_finish, cancellable=cancellable)

    def lock_async(self, cancellable, callback):
        task = Gio.Task.new(self, cancellable, callback, None)
        if not self._locked:
            self._locked = True
            task.return_boolean(True)
        else:
            self._waiting.append(task)
            cancellable.connect(lambda *_: self._leave(task))

    def lock_finish(self, task):
        return task.propagate_boolean()

    def _leave(self, task):
        if task in self._waiting:
            self._waiting.remove(task)
            task.return_error_if_cancelled()

    def unlock(self):
        self._locked = bool(self._waiting)
        if self._waiting:
            task = self._waiting.pop(0)
            wake(lambda *_: task.return_boolean(True))

    def is_locked(self):
        return self._locked


class PollMutex:
    """Wrong: whoever looks first gets it, and until somebody looks it is nobody's."""

    def __init__(self, sleep):
        self._locked = False
        self._sleep = sleep

    async def lock(self, cancellable):
        while self._locked:
            await self._sleep()
            cancellable.set_error_if_cancelled()
        self._locked = True

    def unlock(self):
        self._locked = False

    def is_locked(self):
        return self._locked
