# SPDX-License-Identifier: LGPL-2.1-or-later
"""Coroutines that the GLib main loop runs, without asyncio. This, too, knows no libgco."""

import atexit
import collections.abc
import contextvars
import functools
import sys
import threading
import weakref

from gi.overrides._gco_asyncio import see_to
from gi.overrides._gco_waiting import Wait, asyncio_now, here, post, settle, task_now
from gi.repository import GLib


class Cancelled(BaseException):
    """Raised in a Gco.Task that is cancelled, where it waits; and in who awaits it then."""


class Task:
    """A coroutine that a main context runs, as Gco.spawn() makes it. It can be awaited.

    To cancel who awaits it cancels it, as in asyncio.
    """

    _exception = None

    def __init__(self, coro, name=None):
        if not isinstance(coro, collections.abc.Coroutine):
            raise TypeError(f'A Gco.Task runs a coroutine, not {coro!r}')
        self._coro = coro
        self._name = name or getattr(coro, '__qualname__', type(coro).__name__)
        self._context = GLib.MainContext.ref_thread_default()
        self._variables = contextvars.copy_context()
        self._drop = functools.partial(_close_generator, self._context)
        self._waiting = None        # the Wait it is suspended for
        self._awaited = None        # the Task whose end that is
        self._must_cancel = False
        self._at_end = []           # functions to be called then
        self._done = self._fetched = False
        self._result = self._traceback = None
        self._crew = here.crew
        if self._crew is not None:
            self._crew.add(self)
        post(self._context, self._begin)

    def __repr__(self):
        state = ('pending' if not self._done else 'cancelled' if self.cancelled() else
                 'failed' if self._exception is not None else 'done')
        return f'<Gco.Task {self._name!r} {state}>'

    def get_name(self):
        """Returns the name it was given, or that of the coroutine's function."""
        return self._name

    def done(self):
        """Whether it has ended, in any way."""
        return self._done

    def cancelled(self):
        """Whether it has ended with Gco.Cancelled."""
        return isinstance(self._exception, Cancelled)

    def result(self):
        """Returns what the coroutine returned, or raises what it raised."""
        if not self._done:
            raise RuntimeError(f'{self!r} has no result yet')
        self._fetched = True
        if self._exception is None:
            return self._result
        try:
            raise self._exception.with_traceback(self._traceback)
        finally:
            self = None  # the traceback has this frame: a circle

    def exception(self):
        """Returns what the coroutine raised, or None; raises it if it is Gco.Cancelled."""
        if self.cancelled() or not self._done:
            self.result()
        self._fetched = True
        return self._exception

    def cancel(self):
        """Has Gco.Cancelled raised in it where it waits, or will next. Any thread.

        Never in here, but when the main context runs. Returns False if it has ended.
        """
        if self._done:
            return False
        self._must_cancel = True
        if self._waiting is not None:
            post(self._context, self._interrupt)
        return True

    def __await__(self):
        task, interruption = task_now(), None
        try:
            if not self._done:
                if task is not None:
                    task._begin_to_await(self)
                wait = Wait().here()
                self._at_end.append(lambda: wait.post(True))
                if not self._done:  # it may, in another thread, before that was appended
                    _, interruption = yield from settle(wait, self.cancel).__await__()
            if interruption is None:
                return self.result()
            self._fetched = True
            raise interruption
        finally:
            if task is not None:
                task._awaited = None
            self = task = interruption = None

    def _begin_to_await(self, other):
        """Those that await one another would do so for ever, and when one is cancelled,
        cancel each other for ever."""
        self._awaited = other  # before the look: another thread may come from there
        names = []
        try:
            while other is not None and other is not self:
                names.append(repr(other))
                other = other._awaited
            if other is self:
                raise RuntimeError(f'{self!r} awaits itself' +
                                   (' by way of ' if names else '') + ', '.join(names))
        finally:
            self = other = None  # the traceback has this frame: a circle

    def __del__(self):
        self._tell()

    def _tell(self):
        """Nobody has asked for what it raised, and nobody can any more."""
        error = self._exception
        if error is None or self._fetched or self.cancelled():
            return
        self._fetched = True
        if hasattr(error, 'add_note'):
            error.add_note(f'Nobody awaited {self!r}')
        sys.excepthook(type(error), error, error.__traceback__)

    def _begin(self):
        self._step(Cancelled() if self._must_cancel else None)

    def _interrupt(self):
        if self._must_cancel and self._waiting is not None:
            self._step(Cancelled())

    def _wake(self, wait):
        if self._waiting is wait:
            self._step(Cancelled() if self._must_cancel else None)

    def _step(self, error):
        self._waiting = None
        outer = here.task, here.beside
        here.task, here.beside = self, asyncio_now()[1]
        try:
            waiting = self._advance(error)
            while not isinstance(waiting, Wait):
                waiting = self._advance(RuntimeError(_refusal(waiting)))
        except StopIteration as end:
            self._end(end.value, Cancelled() if self._must_cancel else None)
        except BaseException as raised:
            # Without the frames of this class, which have self.
            self._end(None, raised.with_traceback(raised.__traceback__.tb_next.tb_next))
        else:
            self._waiting = waiting
            if self._must_cancel:
                post(self._context, self._interrupt)
        finally:
            here.task, here.beside = outer

    def _advance(self, error):
        self._must_cancel = self._must_cancel and not isinstance(error, Cancelled)
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, self._drop)
        try:
            if error is None:
                return self._variables.run(self._coro.send, None)
            return self._variables.run(self._coro.throw, error)
        finally:
            sys.set_asyncgen_hooks(*hooks)

    def _end(self, result, exception):
        self._result, self._exception = result, exception
        self._traceback = exception and exception.__traceback__
        self._done = True
        self._coro = self._variables = None
        if exception is not None:
            _failed.add(self)
        if self._crew is not None:
            self._crew.discard(self)
        at_end, self._at_end = self._at_end, []
        for func in at_end:
            func()
        if isinstance(exception, (KeyboardInterrupt, SystemExit)) and not at_end:
            self._fetched = True
            raise exception  # PyGObject does with it what it does in any callback


_failed = weakref.WeakSet()  # those that are kept somewhere to the end of the program


@atexit.register
def _tell_all():
    for task in list(_failed):
        task._tell()


def _refusal(waiting):
    text = f'A Gco.Task cannot await {waiting!r}'
    # asyncio.sleep(0) yields None
    if waiting is None or hasattr(waiting, '_asyncio_future_blocking'):
        text += ', which is for asyncio: asyncio.run() is the way there'
    return text


class _Cleanup(Task):
    """Begins even if it is cancelled before it could, and run() waits for it."""

    running = set()

    def __init__(self, coro):
        super().__init__(coro)
        self.running.add(self)

    def _begin(self):
        self._step(None)

    def _end(self, result, exception):
        self.running.discard(self)
        super()._end(result, exception)


def _close_generator(context, generator):
    """Lets an asynchronous one that nobody has any more clean up. Any thread."""
    async def close():
        await generator.aclose()

    if GLib.MainContext.ref_thread_default() == context:
        _Cleanup(close())
    else:
        post(context, lambda: _Cleanup(close()))


def spawn(coro, name=None):
    """Runs a coroutine in the thread-default main context, from its next iteration on.

    Returns its Gco.Task. What it raises is raised in who awaits that or asks for its
    result(); if it goes away unasked, sys.excepthook is called.
    """
    loop, current = asyncio_now()
    if current is not None:
        see_to(loop)
    return Task(coro, name)


def _iterate(context, task):
    loop = GLib.MainLoop(context)
    task._at_end.append(loop.quit)
    try:
        loop.run()
    finally:
        if not task._done:  # Ctrl+C
            task.cancel()
            loop.run()
    while any(cleanup._context == context for cleanup in list(_Cleanup.running)):
        context.iteration(True)
    return task.result()


def run(coro):
    """Iterates the thread-default main context until a coroutine has ended.

    Returns what it returns, and raises what it raises. An asynchronous generator that it
    has dropped has cleaned up by then; what it has spawned goes on when the context is
    iterated again. A thread that has no context gets one, and
    what is left in that is cancelled at the end. It may be called from a callback, where
    the main loop runs already, but not in a coroutine.
    """
    if task_now() is not None or asyncio_now()[1] is not None:
        raise RuntimeError('Gco.run() in a coroutine would stop it: await the other')
    context = GLib.MainContext.get_thread_default() or GLib.MainContext.default()
    if (context != GLib.MainContext.default() or context.is_owner() or
            threading.current_thread() is threading.main_thread()):
        return _iterate(context, Task(coro))
    context = GLib.MainContext.new()
    context.push_thread_default()
    here.crew = crew = set()
    try:
        return _iterate(context, Task(coro))
    finally:
        while crew:
            for left in list(crew):
                left.cancel()
            context.iteration(True)
        here.crew = None
        context.pop_thread_default()
