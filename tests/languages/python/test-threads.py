# SPDX-License-Identifier: LGPL-2.1-or-later
"""One lock for threads that each run a loop of their own, by each of the doors."""

import asyncio
import threading

from harness import DOORS, Gbulb, Gco, GLib, Tap, gbulb, raises

tap = Tap()
ROUNDS = 200


def in_threads(*funcs):
    """Calls them all at once. Raises what one of them raised."""
    errors = []

    def call(func):
        try:
            func()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(func,)) for func in funcs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def at_door(make, coroutine):
    """A function that runs a coroutine in a context of the thread that calls it."""
    def run():
        context = GLib.MainContext.new()
        context.push_thread_default()
        door = make()
        try:
            door.run_asleep(coroutine())
        finally:
            door.close()
            context.pop_thread_default()
    return run


def count(*makes):
    """Each adds to a number that only the mutex protects."""
    mutex, number = Gco.AsyncMutex(), [0]

    async def add():
        for _ in range(ROUNDS):
            async with mutex:
                before = number[0]
                await Gco.sleep(0)
                number[0] = before + 1

    in_threads(*[at_door(make, add) for make in makes])
    assert number[0] == len(makes) * ROUNDS and not mutex.is_locked()


SKIP = 'gbulb is not installed' if gbulb is None else None
for make in DOORS:
    tap.add(f'/threads/{make.name}', lambda make=make: count(make, make),
            SKIP if make is Gbulb else None)
tap.add('/threads/all', lambda: count(*DOORS), SKIP)


@tap.plain('/threads/run')
def run():
    """Each has a context while it runs, and none after; what it spawned is cancelled."""
    log, mutex = [], Gco.AsyncMutex()

    async def left():
        async with mutex:
            log.append(GLib.MainContext.get_thread_default())
            await Gco.sleep(1000)

    async def main():
        Gco.spawn(left())
        while not log:
            await Gco.sleep(0)
        return GLib.MainContext.get_thread_default()

    def thread():
        context = Gco.run(main())
        assert context is not None and context == log[0] != GLib.MainContext.default()
        assert GLib.MainContext.get_thread_default() is None
        assert mutex.trylock(), 'one that was left has the lock for ever'

    in_threads(thread)


@tap.plain('/threads/run/beside-the-main-loop')
def beside_the_main_loop():
    """What runs in the thread runs in the thread, though another iterates the default one."""
    async def where():
        await Gco.sleep(0)
        return threading.current_thread()

    async def main():
        return await Gco.to_thread(lambda: Gco.run(where()) is threading.current_thread())

    assert Gco.run(main()) is True


@tap.plain('/threads/asyncio-and-a-glib-thread')
def asyncio_and_a_glib_thread():
    """Another way to have both: the default context is iterated by a thread of its own,
    which has begun by then."""
    mutex, order = Gco.AsyncMutex(), []
    loop, runs = GLib.MainLoop(), threading.Event()
    thread = threading.Thread(target=loop.run)
    GLib.idle_add(runs.set)

    async def one(who):
        for _ in range(3):
            async with mutex:
                order.append(who)
                await Gco.sleep(0)
        assert threading.current_thread() is threading.main_thread()

    async def all_of_them():
        await asyncio.wait_for(asyncio.gather(*[one(who) for who in range(3)]), 60)

    thread.start()
    runs.wait()
    try:
        asyncio.run(all_of_them())
    finally:
        loop.quit()
        thread.join()
    assert order == [0, 1, 2] * 3 and not mutex.is_locked()


@tap.plain('/threads/cancel')
def cancel():
    """A task is cancelled, and awaited, from another thread."""
    begun, tasks = threading.Event(), []

    async def wait():
        thread = threading.current_thread()
        begun.set()
        try:
            await Gco.sleep(1000)
        finally:
            assert thread is threading.current_thread()

    def run():
        async def main():
            tasks.append(Gco.spawn(wait()))
            await tasks[0]
        raises(Gco.Cancelled, Gco.run, main())

    def cancel():
        async def join():
            thread = threading.current_thread()
            try:
                await tasks[0]
            finally:
                assert thread is threading.current_thread()
        begun.wait()
        tasks[0].cancel()
        raises(Gco.Cancelled, Gco.run, join())

    in_threads(run, cancel)


tap.main()
