# SPDX-License-Identifier: LGPL-2.1-or-later
"""How Python waits for what the GLib main loop brings, under asyncio and without it.

This half of the override knows nothing of libgco. Whatever is awaited here works in a
Task, which needs nothing but a main loop, and in a task of any asyncio loop that lives
together with the main context of its thread (gbulb, a selector that iterates it,
gi.events). asyncio itself is never imported.
"""

import collections.abc
import contextvars
import math
import sys
import threading

from gi.repository import Gio, GLib, GObject


class _Thread(threading.local):
    task = None     # the Task being stepped,
    beside = None   # and the asyncio task within whose step that is, or None
    crew = None     # the tasks spawned in a context of run()'s own, or None


_here = _Thread()


def _asyncio_now():
    """Returns the running asyncio loop and its current task, or None for either."""
    asyncio = sys.modules.get('asyncio')
    # Half imported, it has no such function yet.
    loop = getattr(asyncio, '_get_running_loop', lambda: None)()
    return loop, loop and asyncio.current_task(loop)


def _task_now():
    """Returns the Task whose code runs now; None in that of an asyncio task within it."""
    return _here.task if _asyncio_now()[1] is _here.beside else None


def post(context, func, *args):
    """Has func called in the context, never in here. Any thread."""
    def once(*_):
        func(*args)
        return GLib.SOURCE_REMOVE

    source = GLib.idle_source_new()
    source.set_priority(GLib.PRIORITY_DEFAULT)
    source.set_callback(once)
    source.attach(context)


# -------------------------------------------------------------------------------- waiting

class Wait:
    """What a coroutine is suspended for, in both kinds of loop: something arrives, once."""

    __slots__ = ('_task', '_loop', '_future', '_arrived', '_abandoned')

    def __init__(self):
        self._task, (self._loop, current) = _task_now(), _asyncio_now()
        if self._task is not None:
            self._loop = None
        elif current is None:
            raise RuntimeError('Only a Gco.Task (see Gco.run() and Gco.spawn()) or a task of '
                               'a running asyncio loop can wait')
        self._future = self._arrived = None
        self._abandoned = False

    def __await__(self):
        while self._arrived is None:
            if self._loop is None:
                yield self
            else:
                self._future = self._loop.create_future()
                yield from self._future
        arrived, self._arrived = self._arrived, None
        return arrived

    def on_ready(self, _source, result, *_):
        """Takes a GAsyncResult from the main context, which never calls it in the call."""
        if self._loop is None:
            self._arrive(result)
        else:
            self._call_soon(result)

    def post(self, arrived):
        """Takes anything else, from any thread."""
        task = self._task
        if self._loop is not None:
            self._call_soon(arrived)
        elif task is not None:
            post(task._context, self._arrive, arrived)

    def abandon(self):
        """Lets go of what has arrived, and of what will. Any thread."""
        self._abandoned = True
        self._task = self._future = self._arrived = None

    def _call_soon(self, arrived):
        if self._loop.is_closed():
            self.abandon()
            return
        try:
            # That of any thread: it wakes also a loop that sleeps in its own selector.
            self._loop.call_soon_threadsafe(self._arrive, arrived)
        except RuntimeError:
            self.abandon()  # closed by another thread

    def _arrive(self, arrived):
        # PyGObject keeps a callback until there is another one. It must not keep the rest.
        task, future = self._task, self._future
        self._task = self._future = None
        self._arrived = arrived
        if self._abandoned:
            self._arrived = None  # after it was set, for another thread may abandon it
        elif task is not None:
            task._wake(self)
        elif future is not None and not future.done():
            future.set_result(None)


async def settle(wait, cancel):
    """Waits to the end. What interrupts the wait calls cancel(), and it goes on.

    Returns what arrived, and the interruption or None.
    """
    interruption = None
    try:
        while True:
            try:
                return await wait, interruption
            except GeneratorExit:
                wait.abandon()
                cancel()
                raise
            except BaseException as error:
                interruption = error
                cancel()
    finally:
        interruption = None  # its traceback has this frame


class _Linked:
    """Within it, a cancellable is cancelled when the caller's is."""

    def __init__(self, inner, outer):
        self._inner, self._outer = inner, outer

    def __enter__(self):
        if self._outer is not None:
            # Those of GCancellable itself would call the handler with a mutex of its own
            # held, and wait for a handler that is just running, perhaps below us.
            self._handler = GObject.Object.connect(self._outer, 'cancelled',
                                                   lambda *_: self._inner.cancel())
            if self._outer.is_cancelled():
                self._inner.cancel()

    def __exit__(self, *_):
        if self._outer is not None:
            GObject.Object.disconnect(self._outer, self._handler)


async def perform(start, args, cancellable):
    """Awaits start(*args, cancellable, callback), which is never cancelled from the outset.

    Returns the GAsyncResult, and what interrupted the wait or None.
    """
    if cancellable is not None:
        cancellable.set_error_if_cancelled()
    wait, inner = Wait(), Gio.Cancellable()
    start(*args, inner, wait.on_ready)
    with _Linked(inner, cancellable):
        return await settle(wait, inner.cancel)


async def call_async(start, finish, *args, cancellable=None):
    """Awaits a pair of GIO: ``start(*args, cancellable, callback)``, ``finish(result)``.

    Returns what finish returns, and raises what it raises. A task that is cancelled
    cancels the operation, and goes on with the cancellation when that has ended. A
    cancellable of the caller's makes it end with ``Gio.IOErrorEnum.CANCELLED``.
    """
    result, interruption = await perform(start, args, cancellable)
    if interruption is None:
        return finish(result)
    del result
    try:
        raise interruption
    finally:
        del interruption


async def sleep(seconds):
    """Waits so long. 0 lets run what is ready first, such as redraws, and then goes on."""
    wait = Wait()
    if seconds > 0:
        source = GLib.timeout_source_new(math.ceil(seconds * 1000))
    else:
        source = GLib.idle_source_new()  # a timeout of 0 would be ahead of redraws, always
    source.set_callback(lambda *_: wait.on_ready(None, True))
    source.attach(GLib.MainContext.ref_thread_default())
    try:
        await wait
    finally:
        wait.abandon()
        source.destroy()


_threads = None


async def to_thread(func, *args):
    """Returns func(*args), called in another thread, or raises what it raises.

    func is always called, and nothing stops it: a task that is cancelled meanwhile goes
    on when func has ended. So what is locked around it stays locked for it, and it can
    be what cleans up.
    """
    global _threads
    if _threads is None:
        from concurrent.futures import ThreadPoolExecutor
        _threads = ThreadPoolExecutor(thread_name_prefix='gco')
    wait = Wait()
    job = _threads.submit(contextvars.copy_context().run, func, *args)
    job.add_done_callback(wait.post)
    _, interruption = await settle(wait, lambda: None)
    if interruption is None:
        return job.result()
    try:
        raise interruption
    finally:
        del interruption


# ---------------------------------------------------------------------------------- tasks

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
        self._waiting = None        # the Wait it is suspended for
        self._must_cancel = False
        self._at_end = []           # functions to be called then
        self._done = self._fetched = False
        self._result = self._traceback = None
        self._crew = _here.crew
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
        if _task_now() is self:
            raise RuntimeError(f'{self!r} awaits itself')
        interruption = None
        if not self._done:
            wait = Wait()
            self._at_end.append(lambda: wait.post(True))
            if not self._done:  # it may, in another thread, before that was appended
                _, interruption = yield from settle(wait, self.cancel).__await__()
        try:
            if interruption is None:
                return self.result()
            self._fetched = True
            raise interruption
        finally:
            self = interruption = None

    def __del__(self):
        error = self._exception
        if error is None or self._fetched or self.cancelled():
            return
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
        outer = _here.task, _here.beside
        _here.task, _here.beside = self, _asyncio_now()[1]
        try:
            waiting = self._advance(error)
            while not isinstance(waiting, Wait):
                refusal = f'A Gco.Task cannot await {waiting!r}'
                waiting = self._advance(RuntimeError(refusal))
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
            _here.task, _here.beside = outer

    def _advance(self, error):
        if error is None:
            return self._variables.run(self._coro.send, None)
        self._must_cancel = self._must_cancel and not isinstance(error, Cancelled)
        return self._variables.run(self._coro.throw, error)

    def _end(self, result, exception):
        self._result, self._exception = result, exception
        self._traceback = exception and exception.__traceback__
        self._done = True
        self._coro = self._variables = None
        if self._crew is not None:
            self._crew.discard(self)
        at_end, self._at_end = self._at_end, []
        for func in at_end:
            func()
        if isinstance(exception, (KeyboardInterrupt, SystemExit)) and not at_end:
            self._fetched = True
            raise exception  # PyGObject does with it what it does in any callback


def spawn(coro, name=None):
    """Runs a coroutine in the thread-default main context, from its next iteration on.

    Returns its Gco.Task. What it raises is raised in who awaits that or asks for its
    result(); if it goes away unasked, sys.excepthook is called.
    """
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
    return task.result()


def run(coro):
    """Iterates the thread-default main context until a coroutine has ended.

    Returns what it returns, and raises what it raises. What it has spawned goes on when
    the context is iterated again. A thread that has no context gets one, and
    what is left in that is cancelled at the end. It may be called from a callback, where
    the main loop runs already, but not in a coroutine.
    """
    if _task_now() is not None or _asyncio_now()[1] is not None:
        raise RuntimeError('Gco.run() in a coroutine would stop it: await the other')
    context = GLib.MainContext.get_thread_default() or GLib.MainContext.default()
    if (context != GLib.MainContext.default() or context.is_owner() or
            threading.current_thread() is threading.main_thread()):
        return _iterate(context, Task(coro))
    context = GLib.MainContext.new()
    context.push_thread_default()
    _here.crew = crew = set()
    try:
        return _iterate(context, Task(coro))
    finally:
        while crew:
            for left in list(crew):
                left.cancel()
            context.iteration(True)
        _here.crew = None
        context.pop_thread_default()
