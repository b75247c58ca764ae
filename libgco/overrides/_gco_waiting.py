# SPDX-License-Identifier: LGPL-2.1-or-later
"""How Python waits for what the GLib main loop brings, under asyncio and without it.

This part of the override knows nothing of libgco. Whatever is awaited here works in a
Gco.Task, which needs nothing but a main loop, and in a task of any asyncio loop that lives
together with the main context of its thread. asyncio itself is never imported.
"""

import contextvars
import math
import sys
import threading

from gi.overrides._gco_asyncio import see_to
from gi.repository import Gio, GLib, GObject


class _Thread(threading.local):
    task = None     # the Task being stepped,
    beside = None   # and the asyncio task within whose step that is, or None
    crew = None     # the tasks spawned in a context of run()'s own, or None


here = _Thread()


def asyncio_now():
    """Returns the running asyncio loop and its current task, or None for either."""
    asyncio = sys.modules.get('asyncio')
    # Half imported, it has no such function yet.
    loop = getattr(asyncio, '_get_running_loop', lambda: None)()
    return loop, loop and asyncio.current_task(loop)


def task_now():
    """Returns the Task whose code runs now; None in that of an asyncio task within it."""
    return here.task if asyncio_now()[1] is here.beside else None


def post(context, func, *args):
    """Has func called in the context, never in here. Any thread."""
    def once(*_):
        func(*args)
        return GLib.SOURCE_REMOVE

    source = GLib.idle_source_new()
    source.set_priority(GLib.PRIORITY_DEFAULT)
    source.set_callback(once)
    source.attach(context)


_NOTHING = object()  # has arrived, while None may
_FAR_S = 2 ** 42     # what is later never comes; GLib counts microseconds in 64 bits


class Wait:
    """What a coroutine is suspended for, in both kinds of loop: something arrives, once."""

    __slots__ = ('_task', '_loop', '_future', '_arrived', '_abandoned')

    def __init__(self):
        self._task, (self._loop, current) = task_now(), asyncio_now()
        if self._task is not None:
            self._loop = None
        elif current is None:
            raise RuntimeError('Only a Gco.Task (see Gco.run() and Gco.spawn()) or a task of '
                               'a running asyncio loop can wait')
        self._future, self._arrived = None, _NOTHING
        self._abandoned = False

    def __await__(self):
        while self._arrived is _NOTHING:
            if self._loop is None:
                yield self
            else:
                self._future = self._loop.create_future()
                yield from self._future
        arrived, self._arrived = self._arrived, _NOTHING
        return arrived

    def here(self):
        """For what arrives in the main context of this thread: something must iterate it."""
        if self._loop is not None:
            see_to(self._loop)
        return self

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
        self._task = self._future = None
        self._arrived = _NOTHING

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
            self._arrived = _NOTHING  # after it was set, for another thread may abandon it
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
    wait, inner = Wait().here(), Gio.Cancellable()
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
    """Waits so long, with float('inf') for ever.

    0, and what is less, lets run what is ready first, such as redraws, and then goes on.
    """
    if math.isnan(seconds):
        raise ValueError(f'Gco.sleep() cannot wait for {seconds} seconds')
    wait = Wait().here()
    if seconds > 0:
        source = GLib.timeout_source_new(0)
        source.set_ready_time(GLib.get_monotonic_time() +
                              math.ceil(min(seconds, _FAR_S) * 1000000))
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


async def to_thread(func, /, *args, **kwargs):
    """Returns func(*args, **kwargs), called in another thread, or raises what it raises.

    func is always called, and nothing stops it: a task that is cancelled meanwhile goes
    on when func has ended. So what is locked around it stays locked for it, and it can
    be what cleans up.
    """
    global _threads
    if _threads is None:
        from concurrent.futures import ThreadPoolExecutor
        _threads = ThreadPoolExecutor(thread_name_prefix='gco')
    wait = Wait()
    job = _threads.submit(contextvars.copy_context().run, func, *args, **kwargs)
    job.add_done_callback(wait.post)
    _, interruption = await settle(wait, lambda: None)
    if interruption is None:
        return job.result()
    try:
        raise interruption
    finally:
        del interruption
