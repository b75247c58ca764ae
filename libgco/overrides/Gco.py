# SPDX-License-Identifier: LGPL-2.1-or-later
"""What introspection cannot say of libgco in Python: ``async with`` and ``await``.

A wait works in a :class:`Task` of this module, which needs nothing but a GLib main
loop, and in any asyncio loop that lives together with the main context of its thread
(gbulb, a selector that iterates it, gi.events). asyncio is not imported here.

Whatever ends a wait early (the task is cancelled, its loop is closed, its coroutine is
closed or collected), what was granted goes to the next in line: that grant is in the
GAsyncResult, which is then dropped without its ``_finish`` having been called.
"""

import collections.abc
import contextvars
import functools
import math
import sys
import threading

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

Gco = get_introspection_module('Gco')
__all__ = ['Cancelled', 'Task', 'call_async', 'run', 'sleep', 'spawn', 'to_thread']


class _Thread(threading.local):
    task = None     # the Gco.Task that is being stepped,
    beside = None   # the asyncio task within which it is, or None
    crew = None     # the tasks of a run() in a context of its own
    lost = ()       # what closed coroutines hold no longer, and are about to unlock


_here = _Thread()


# ------------------------------------------------------------------------ the two drivers

def _asyncio_now():
    """The running asyncio loop and its current task, or None."""
    asyncio = sys.modules.get('asyncio')
    loop = asyncio and getattr(asyncio, '_get_running_loop', lambda: None)()
    return (loop, asyncio.current_task(loop)) if loop else (None, None)


def _post(context, func, *args):
    """Has func called by context, in its thread and never in here. Any thread."""
    def once(*_):
        func(*args)
        return GLib.SOURCE_REMOVE

    source = GLib.idle_source_new()
    source.set_priority(GLib.PRIORITY_DEFAULT)
    source.set_callback(once)
    source.attach(context)


class _Wait:
    """The one thing that coroutines are suspended for: until something arrives."""

    __slots__ = ('_task', '_loop', '_future', '_arrived', '_abandoned')

    def __init__(self):
        loop, current = _asyncio_now()
        # Within the step of one a nested main loop may step one of the other kind.
        self._task = _here.task if _here.task and current is _here.beside else None
        self._loop = loop if self._task is None else None
        self._future = None
        self._arrived = None
        self._abandoned = False
        if self._task is None and (loop is None or current is None):
            raise RuntimeError('To wait needs a Gco.Task (see Gco.run and Gco.spawn) or a '
                               'task of a running asyncio loop')

    def __await__(self):
        while self._arrived is None:
            if self._loop is None:
                yield self
            else:
                self._future = self._loop.create_future()
                yield from self._future
        arrived, self._arrived = self._arrived, None
        return arrived

    def on_ready(self, source, result, *_):
        """The GAsyncReadyCallback."""
        if self._abandoned:
            return
        if self._loop is None:
            self._arrive(result)
        else:
            self._call_soon(result)

    def post(self, arrived):
        """Something other than a GAsyncResult arrived. Any thread."""
        task = self._task
        if self._loop is not None:
            self._call_soon(arrived)
        elif task is not None:
            _post(task._context, self._arrive, arrived)

    def abandon(self):
        """Nobody will fetch what arrives, or arrived."""
        self._abandoned = True
        self._arrived = self._task = self._future = None

    def _call_soon(self, arrived):
        try:
            # Wakes the loop also where it sleeps in a selector of its own.
            self._loop.call_soon_threadsafe(self._arrive, arrived)
        except RuntimeError:
            self.abandon()  # the loop is closed

    def _arrive(self, arrived):
        # PyGObject keeps this object for a while: it must not keep the others.
        task, self._task = self._task, None
        future, self._future = self._future, None
        self._arrived = arrived
        del arrived
        if self._abandoned:
            self._arrived = None
        elif task is not None:
            task._wake(self)
        elif future is not None and not future.done():
            future.set_result(None)


class _Linked:
    """A cancellable of one call's own, cancelled too when the caller's is."""

    def __init__(self, cancellable):
        self._outer = cancellable
        self._handler = 0

    def __enter__(self):
        inner = Gio.Cancellable()
        if self._outer is not None:
            # Gio.Cancellable.connect() calls a late handler, and .disconnect() waits for
            # a running one, where either can be in the middle of the other.
            self._handler = GObject.Object.connect(
                self._outer, 'cancelled', lambda *_: inner.cancel())
            if self._outer.is_cancelled():
                inner.cancel()
        return inner

    def __exit__(self, *_):
        if self._handler:
            GObject.Object.disconnect(self._outer, self._handler)


async def _call(start, finish, args, cancellable, recover=None):
    """start(*args, cancellable, callback), and finish() unless the wait is interrupted.

    What an interrupted wait has taken away, recover() takes back.
    """
    wait = _Wait()
    with _Linked(cancellable) as inner:
        start(*args, inner, wait.on_ready)
        try:
            result = await wait
        except BaseException as interruption:
            wait.abandon()
            inner.cancel()
            if recover is not None:
                await recover(interruption)
            raise
    return finish(result)


async def call_async(start, finish, *args, cancellable=None):
    """Awaits a pair of GIO: ``start(*args, cancellable, callback)``, ``finish(result)``.

    Returns what finish returns and raises what it raises. To cancel the task cancels the
    operation; so does cancellable.
    """
    return await _call(start, finish, args, cancellable)


# ----------------------------------------------------------------------------------- tasks

class Cancelled(BaseException):
    """Raised in a Gco.Task that is cancelled, and in whoever awaits it then."""


class Task:
    """A coroutine that the main context runs in which it was made, see Gco.spawn."""

    def __init__(self, coro, name=None):
        if not isinstance(coro, collections.abc.Coroutine):
            raise TypeError(f'A Gco.Task needs a coroutine, not {coro!r}')
        self._coro = coro
        self._name = name or getattr(coro, '__qualname__', type(coro).__name__)
        self._context = GLib.MainContext.ref_thread_default()
        self._variables = contextvars.copy_context()
        self._waiting = None
        self._must_cancel = False
        self._joining = []      # functions to call when it has ended
        self._done = self._seen = False
        self._result = self._exception = None
        self._crew = _here.crew
        if self._crew is not None:
            self._crew.add(self)
        _post(self._context, self._begin)

    def __repr__(self):
        state = ('pending' if not self._done else
                 'cancelled' if self.cancelled() else 'done')
        return f'<Gco.Task {self._name!r} {state}>'

    def get_name(self):
        """Its name: that of the coroutine's function unless it was given one."""
        return self._name

    def done(self):
        """Whether it has ended."""
        return self._done

    def cancelled(self):
        """Whether it has ended by being cancelled."""
        return isinstance(self._exception, Cancelled)

    def result(self):
        """What the coroutine returned; raises what it raised."""
        if not self._done:
            raise RuntimeError(f'{self!r} has not ended')
        self._seen = True
        if self._exception is not None:
            raise self._exception
        return self._result

    def exception(self):
        """What the coroutine raised, or None; raises Gco.Cancelled if it was cancelled."""
        if self.cancelled() or not self._done:
            self.result()
        self._seen = True
        return self._exception

    def cancel(self):
        """Has Gco.Cancelled raised where the task waits, when its main context runs next.

        False if it has ended. Any thread.
        """
        if self._done:
            return False
        self._must_cancel = True
        if self._waiting is not None:
            _post(self._context, self._interrupt)
        return True

    def __await__(self):
        interruption = None
        while not self._done:
            wait = _Wait()
            self._joining.append(wait)
            try:
                yield from wait.__await__()
            except GeneratorExit:
                wait.abandon()
                raise
            except BaseException as error:
                # As in asyncio: who waits for it takes it along, and sees it end.
                wait.abandon()
                self.cancel()
                interruption = error
        if interruption is not None:
            self._seen = True
            raise interruption
        return self.result()

    def __del__(self):
        if self._exception is None or self._seen or self.cancelled():
            return
        error = self._exception
        if hasattr(error, 'add_note'):
            error.add_note(f'Raised in {self!r}, which nobody awaited')
        sys.excepthook(type(error), error, error.__traceback__)

    def _begin(self):
        self._step(Cancelled() if self._must_cancel else None)

    def _interrupt(self):
        if self._must_cancel and self._waiting is not None:
            self._step(Cancelled())

    def _wake(self, wait):
        if self._waiting is wait:
            self._step(None)

    def _step(self, error):
        while True:
            self._waiting = None
            if error is not None:
                self._must_cancel = False
            outer = _here.task, _here.beside
            _here.task, _here.beside = self, _asyncio_now()[1]
            try:
                if error is None:
                    waiting = self._variables.run(self._coro.send, None)
                else:
                    waiting = self._variables.run(self._coro.throw, error)
            except StopIteration as end:
                self._end(end.value, Cancelled() if self._must_cancel else None)
                return
            except BaseException as raised:
                raised.__traceback__ = raised.__traceback__.tb_next  # which has self
                self._end(None, raised)
                return
            finally:
                error = None
                _here.task, _here.beside = outer
            if isinstance(waiting, _Wait):
                break
            error = RuntimeError(f'A Gco.Task cannot await {waiting!r}')
        self._waiting = waiting
        if self._must_cancel:
            _post(self._context, self._interrupt)

    def _end(self, result, exception):
        self._result, self._exception = result, exception
        self._done = True
        self._coro = None
        joining, self._joining = self._joining, None
        if self._crew is not None:
            self._crew.discard(self)
        for wait in joining:
            wait.post(True)


def spawn(coro, name=None):
    """Runs a coroutine as a Gco.Task in the thread-default main context. Returns the task.

    It begins when the context runs next. An exception that nobody fetches by awaiting
    the task or asking for its result goes to sys.excepthook.
    """
    return Task(coro, name)


def _run(coro, context):
    loop = GLib.MainLoop.new(context, False)

    async def main():
        try:
            return await task
        finally:
            loop.quit()

    task = Task(coro)
    watcher = Task(main(), 'Gco.run')
    try:
        loop.run()
    except BaseException:  # Ctrl+C
        task.cancel()
        loop.run()
        raise
    return watcher.result()


def run(coro):
    """Runs the thread-default main context until a coroutine has ended. Returns its result.

    A thread without one gets one for as long as that takes; what was spawned in it and
    has not ended then is cancelled. May be called by what the main loop calls, but not
    in a coroutine.
    """
    return _run(coro, GLib.MainContext.ref_thread_default())


async def sleep(seconds):
    """Waits that long, at least one iteration of the main context."""
    wait = _Wait()
    source = GLib.timeout_source_new(max(0, math.ceil(seconds * 1000)))
    source.set_callback(lambda *_: wait.on_ready(None, True))
    source.attach(GLib.MainContext.ref_thread_default())
    try:
        await wait
    finally:
        wait.abandon()
        source.destroy()


async def to_thread(func, *args):
    """Returns func(*args), which another thread calls."""
    wait = _Wait()

    def work():
        try:
            outcome = (func(*args), None)
        except BaseException as error:
            outcome = (None, error)
        wait.post(outcome)

    threading.Thread(target=work, daemon=True).start()
    result, error = await wait
    if error is not None:
        raise error
    return result


# ----------------------------------------------------------------------------------- locks

def _closing():
    """Whether a coroutine is being closed here."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, GeneratorExit):
        error = error.__context__
    return error is not None


async def _take(trylock, start, finish, cancellable):
    if cancellable is None or not cancellable.is_cancelled():
        if trylock():
            return True
    return await _call(start, finish, (), cancellable)


def _taker(trylock, lock, doc):
    def method(self, cancellable=None):
        return _take(getattr(self, trylock), getattr(self, lock + '_async'),
                     getattr(self, lock + '_finish'), cancellable)
    method.__doc__ = doc
    method.__name__ = lock
    return method


async def _retake(lock, name, interruption):
    """Takes back what the caller held before an interrupted wait."""
    wait = None
    while True:
        if isinstance(interruption, GeneratorExit):
            _here.lost = [*_here.lost, lock]
            return
        if wait is None:
            wait = _Wait()
            getattr(lock, name + '_async')(None, wait.on_ready)
        try:
            result = await wait
            break
        except GeneratorExit as closing:
            wait.abandon()
            interruption = closing
        except BaseException:
            pass
    getattr(lock, name + '_finish')(result)


def _guard(unlock):
    """A coroutine that is closed in a wait cannot take the lock back."""
    @functools.wraps(unlock)
    def method(self):
        if _here.lost:
            if not _closing():
                _here.lost = ()
            elif self in _here.lost:
                _here.lost = list(_here.lost)
                _here.lost.remove(self)
                return True
        return unlock(self)
    return method


class _Held:
    """An ``async with`` of one of several ways to take a lock."""

    def __init__(self, lock, unlock):
        self._lock, self._unlock = lock, unlock

    async def __aenter__(self):
        await self._lock()

    async def __aexit__(self, *_):
        self._unlock()


async def _mutex_enter(self):
    await self.lock()


async def _mutex_exit(self, *_):
    self.unlock()


async def _semaphore_enter(self):
    await self.acquire()


async def _semaphore_exit(self, *_):
    self.release()


def _reader(self, cancellable=None):
    """``async with rwlock.reader():`` reads."""
    return _Held(lambda: self.rdlock(cancellable), self.unlock)


def _writer(self, cancellable=None):
    """``async with rwlock.writer():`` writes."""
    return _Held(lambda: self.wrlock(cancellable), self.unlock)


def _upgrade(self, cancellable=None):
    """Makes the reader the writer."""
    return _call(self.upgrade_async, self.upgrade_finish, (), cancellable,
                 functools.partial(_retake, self, 'rdlock'))


def _wait(self, mutex=None, cancellable=None):
    """Waits until it is picked."""
    return _call(self.wait_async, self.wait_finish, (mutex,), cancellable,
                 mutex and functools.partial(_retake, mutex, 'lock'))


async def _wait_for(self, predicate, mutex=None, cancellable=None):
    """Waits until predicate() is true, and returns what it returned."""
    while not (value := predicate()):
        await self.wait(mutex, cancellable)
    return value


Gco.AsyncMutex.lock = _taker('trylock', 'lock', 'Locks it.')
Gco.AsyncMutex.unlock = _guard(Gco.AsyncMutex.unlock)
Gco.AsyncMutex.__aenter__ = _mutex_enter
Gco.AsyncMutex.__aexit__ = _mutex_exit
Gco.AsyncSemaphore.acquire = _taker('tryacquire', 'acquire', 'Takes a permit.')
Gco.AsyncSemaphore.__aenter__ = _semaphore_enter
Gco.AsyncSemaphore.__aexit__ = _semaphore_exit
Gco.AsyncRwlock.rdlock = _taker('tryrdlock', 'rdlock', 'Takes it as a reader.')
Gco.AsyncRwlock.wrlock = _taker('trywrlock', 'wrlock', 'Takes it as the writer.')
Gco.AsyncRwlock.upgrade = _upgrade
Gco.AsyncRwlock.unlock = _guard(Gco.AsyncRwlock.unlock)
Gco.AsyncRwlock.reader = _reader
Gco.AsyncRwlock.writer = _writer
Gco.AsyncWaitQueue.wait = _wait
Gco.AsyncWaitQueue.wait_for = _wait_for
