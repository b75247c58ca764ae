# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Python lets go of while C still needs it."""

import gc
import threading

from tap import Balance, collect, point, run

from gi.repository import Gco, GcoPartner, Gio, GLib

N = 20


async def judge(name, playing):
    balance = Balance()
    await playing()
    kept = await collect(balance.is_kept)
    point(f'{name}: nothing is left', kept, balance)


async def waiters_alone():
    """Nobody keeps the lock but the waits for it: each takes it from the last one."""
    got = []

    def on_ready(source, result):
        got.append(source.lock_finish(result))
        gc.collect()
        source.unlock()

    def begin():
        mutex = Gco.AsyncMutex()
        GcoPartner.watch(mutex)
        for i in range(N):
            mutex.lock_async(Gio.Cancellable(), on_ready)
            GcoPartner.Line.new(1, i).contend_async(mutex, 'C', 3, None, None)

    begin()
    gc.collect()
    done = await collect(lambda: len(got) == N)
    point('a lock that only its waiters keep', done and all(got), got)


async def forgetful():
    """Their callback is called, and does not fetch what it was granted."""
    mutex, called, got = Gco.AsyncMutex(), [], []
    GcoPartner.watch(mutex)

    def on_ready(source, result):
        got.append(source.lock_finish(result))
        source.unlock()

    mutex.trylock()
    for _ in range(N):
        mutex.lock_async(None, lambda *_: called.append(True))
    mutex.lock_async(None, on_ready)
    mutex.unlock()
    done = await collect(lambda: bool(got))
    point('what callbacks do not fetch goes on', done and len(called) == N, (called, got))


async def dropped_coroutines():
    """Closed where they wait, and collected with their tasks."""
    mutex, ran = Gco.AsyncMutex(), []
    GcoPartner.watch(mutex)

    async def visit():
        async with mutex:
            ran.append(True)

    mutex.trylock()
    for _ in range(N):
        # Not in a task: this is what is left of one whose loop was closed.
        task = Gco.spawn(visit())
        await Gco.sleep(0)
        task._coro.close()
        del task
    gc.collect()
    last = Gco.spawn(visit())
    mutex.unlock()
    await last
    point('coroutines that were closed', len(ran) == 1 and not mutex.is_locked(), ran)


async def dropped_cancellables():
    queue, cancelled = Gco.AsyncWaitQueue(), []
    GcoPartner.watch(queue)

    def on_ready(source, result):
        try:
            source.wait_finish(result)
        except GLib.Error as error:
            cancelled.append(error.code)

    def begin():
        cancellable = Gio.Cancellable()
        GcoPartner.watch(cancellable)
        queue.wait_async(None, cancellable, on_ready)
        GLib.idle_add(lambda: cancellable.cancel(), priority=GLib.PRIORITY_DEFAULT)

    for _ in range(N):
        begin()
        gc.collect()
    done = await collect(lambda: len(cancelled) == N and queue.is_empty())
    point('waits cancelled after a collection', done, cancelled)


async def oneshots():
    """What another thread schedules runs here, and what it held goes."""
    ctx, threads = Gco.AioContext.get_default(), []

    def begin():
        held = Gco.AsyncMutex()
        GcoPartner.watch(held)
        GcoPartner.schedule_from_thread(
            ctx, lambda: threads.append(not held.is_locked() and threading.current_thread()))

    for _ in range(N):
        begin()
        gc.collect()
    early = len(threads)
    await Gco.sleep(0)
    await Gco.sleep(0)
    point('one-shots from another thread',
          early == 0 and threads == [threading.main_thread()] * N, (early, threads))


async def main():
    await judge('waiters', waiters_alone)
    await judge('callbacks', forgetful)
    await judge('coroutines', dropped_coroutines)
    await judge('cancellables', dropped_cancellables)
    await judge('one-shots', oneshots)


run(main)
