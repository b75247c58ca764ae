# SPDX-License-Identifier: LGPL-2.1-or-later
"""What introspection cannot say of libgco in Python: ``async with`` and ``await``.

However a wait ends early (its task is cancelled, its loop closed, its coroutine closed
or collected), what it was granted goes to the next in line: the grant is part of the
GAsyncResult, which is then dropped and never given to a ``_finish`` function.
"""

import inspect
import sys
import threading

from gi.module import get_introspection_module
from gi.overrides._gco_tasks import Cancelled, Task, run, spawn
from gi.overrides._gco_waiting import Wait, call_async, perform, post, settle, sleep, to_thread
from gi.repository import GLib

Gco = get_introspection_module('Gco')
__all__ = ['Cancelled', 'Task', 'call_async', 'run', 'sleep', 'spawn', 'to_thread']


def _extend(cls):
    """Adds methods to a class of the typelib, so that what C returns has them too."""
    def decorate(methods):
        for name, method in vars(methods).items():
            if callable(method):
                setattr(cls, name, method)
        return cls
    return decorate


def _refuse(cls, **_):
    """GObject would, too, but its exception does not say why."""
    final = next(base for base in cls.__mro__ if base.__module__ == Gco.AsyncMutex.__module__)
    raise TypeError(f'{cls.__name__} cannot extend Gco.{final.__name__}, which is final: '
                    'let it have one')


for _name in ('AioContext', 'AsyncMutex', 'AsyncRwlock', 'AsyncSemaphore', 'AsyncWaitQueue',
              'Clock', 'Scope'):
    getattr(Gco, _name).__init_subclass__ = classmethod(_refuse)


_closing = threading.local()
_AWAITS = (inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ITERABLE_COROUTINE |
           inspect.CO_ASYNC_GENERATOR)


def _callers():
    """Returns the frames of the coroutines that await the one which calls this."""
    frame, callers = sys._getframe(1).f_back, []
    while frame is not None and frame.f_code.co_flags & _AWAITS:
        callers.append(frame)
        frame = frame.f_back
    return callers


def _lose(lock, callers):
    """Remembers who holds a lock no longer, and will unlock it.

    A coroutine that is closed while it waits cannot wait again for the lock that the wait
    has let go of, but its own cleanup unlocks it: by then it is somebody else's. Their
    frames tell them from others that are closed in one go with them.
    """
    _closing.__dict__.setdefault('lost', []).append((lock, callers))
    post(GLib.MainContext.ref_thread_default(), _forget)


def _forget():
    """Lets go of the frames of those that did not unlock. Closing runs in one go: so it is
    over, but in a main loop that runs within it."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, GeneratorExit):
        error = error.__context__
    if error is None:
        _closing.__dict__.pop('lost', None)


def _was_lost(lock):
    """Whether the unlock() that is being called has nothing to unlock."""
    lost = getattr(_closing, 'lost', None)
    frame = sys._getframe(2) if lost else None
    while frame is not None:
        for number, (lost_lock, callers) in enumerate(lost):
            if lost_lock is lock and frame in callers:
                del lost[number]
                return True
        frame = frame.f_back
    return False


def _named(name, coro):
    """If nobody awaits it, Python says so with its name."""
    coro.__qualname__ = name
    return coro


async def _take(trylock, start, finish, cancellable):
    # What is free has nobody waiting, so this passes nobody by.
    if (cancellable is None or not cancellable.is_cancelled()) and trylock():
        return True
    return await call_async(start, finish, cancellable=cancellable)


async def _take_back(start, finish):
    """Takes a lock, whatever interrupts it: who interrupted before is told anyway."""
    wait = Wait()
    start(None, wait.on_ready)
    result, _ = await settle(wait, lambda: None)
    finish(result)


async def _call_holding(lock, retake, start, finish, args, cancellable):
    """A call_async() that lets go of a lock, which the caller holds when it goes on."""
    callers = _callers() if lock is not None else None
    try:
        result, interruption = await perform(start, args, cancellable)
        if interruption is None:
            return finish(result)
        kept = lock is None or result.had_error()
        del result  # which unlocks, and passes on a wake-up that came
        if not kept:
            await _take_back(*retake)
    except GeneratorExit:
        if lock is not None:
            _lose(lock, callers)
        raise
    finally:
        callers = None  # what is raised has this frame, and would have theirs
    try:
        raise interruption
    finally:
        del interruption


class _Held:
    """One of several ways to hold a lock, for ``async with``."""

    def __init__(self, take, unlock):
        self._take, self._unlock = take, unlock

    async def __aenter__(self):
        await self._take()

    async def __aexit__(self, *_):
        self._unlock()


_mutex_unlock = Gco.AsyncMutex.unlock
_rwlock_unlock = Gco.AsyncRwlock.unlock


@_extend(Gco.AsyncMutex)
class AsyncMutex:

    async def __aenter__(self):
        """``async with mutex:`` locks it, and unlocks it however that ends."""
        await self.lock()

    async def __aexit__(self, *_):
        self.unlock()

    def lock(self, cancellable=None):
        """Awaits the mutex, behind all that want it; does not wait if nobody has it."""
        return _named('AsyncMutex.lock', _take(
            self.trylock, self.lock_async, self.lock_finish, cancellable))

    def unlock(self):
        """Hands the mutex to whoever has waited longest, or unlocks it.

        Raises ``Gio.IOErrorEnum.PERMISSION_DENIED`` if nobody, or a C coroutine, holds it.
        """
        return _was_lost(self) or _mutex_unlock(self)


@_extend(Gco.AsyncSemaphore)
class AsyncSemaphore:

    async def __aenter__(self):
        """``async with semaphore:`` takes a permit, and releases it however that ends."""
        await self.acquire()

    async def __aexit__(self, *_):
        self.release()

    def acquire(self, cancellable=None):
        """Awaits a permit, behind all that want one; does not wait if one is free."""
        return _named('AsyncSemaphore.acquire', _take(
            self.tryacquire, self.acquire_async, self.acquire_finish, cancellable))


@_extend(Gco.AsyncRwlock)
class AsyncRwlock:

    def reader(self, cancellable=None):
        """``async with rwlock.reader():`` holds it with other readers."""
        return _Held(lambda: self.rdlock(cancellable), self.unlock)

    def writer(self, cancellable=None):
        """``async with rwlock.writer():`` holds it alone."""
        return _Held(lambda: self.wrlock(cancellable), self.unlock)

    def rdlock(self, cancellable=None):
        """Awaits the lock as a reader; does not wait if no writer has or wants it."""
        return _named('AsyncRwlock.rdlock', _take(
            self.tryrdlock, self.rdlock_async, self.rdlock_finish, cancellable))

    def wrlock(self, cancellable=None):
        """Awaits the lock as the writer, behind all that want it."""
        return _named('AsyncRwlock.wrlock', _take(
            self.trywrlock, self.wrlock_async, self.wrlock_finish, cancellable))

    def upgrade(self, cancellable=None):
        """Makes the reader the writer; others may have written in between.

        Cancelled, in any way, the caller is a reader again when it goes on. Only a
        coroutine that is closed is not, and its unlock() then does nothing.
        """
        return _named('AsyncRwlock.upgrade', _call_holding(
            self, (self.rdlock_async, self.rdlock_finish),
            self.upgrade_async, self.upgrade_finish, (), cancellable))

    def unlock(self):
        """Lets go of the lock, whichever way it is held.

        Raises ``Gio.IOErrorEnum.PERMISSION_DENIED`` if no asynchronous caller holds it.
        """
        return _was_lost(self) or _rwlock_unlock(self)


@_extend(Gco.AsyncWaitQueue)
class AsyncWaitQueue:

    def wait(self, mutex=None, cancellable=None):
        """Unlocks the mutex, waits until next() or restart_all(), and locks it again.

        Cancelled, in any way, the caller holds the mutex again when it goes on; and
        a next() that came meanwhile picks whoever waits behind it. Only a coroutine that is
        closed does not hold it, and its unlock() then does nothing.
        """
        retake = mutex is not None and (mutex.lock_async, mutex.lock_finish)
        return _named('AsyncWaitQueue.wait', _call_holding(
            mutex, retake, self.wait_async, self.wait_finish, (mutex,), cancellable))

    async def wait_for(self, predicate, mutex=None, cancellable=None):
        """Waits, as wait() does, until predicate() is true; returns what that returned."""
        while not (value := predicate()):
            await self.wait(mutex, cancellable)
        return value
