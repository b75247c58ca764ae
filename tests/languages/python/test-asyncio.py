# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio.run() and no more: its loop iterates the main context, or says that it does not.

That everything else works in such a loop, the door 'plain' of the other tests shows.
"""

import asyncio
import os
import selectors
import signal
import socket
import threading

from glib_selector import GLibSelector
from harness import Gco, Gio, GLib, Tap, gbulb, gc, raises

tap = Tap()


async def hand_over(mutex):
    """Waits, for the mutex has a holder."""
    async def hold():
        await asyncio.sleep(0)
        mutex.unlock()

    assert mutex.trylock()
    holder = asyncio.ensure_future(hold())
    async with mutex:
        await holder
    return 'handed over'


@tap.plain('/asyncio/another-thread-stops-to-iterate')
def another_stops():
    """The loop has left the context to it, and sleeps; then it takes over.

    The first of all: what libgco has in the context would be at home in one of them.
    """
    async def main():
        loop = asyncio.get_running_loop()
        await Gco.sleep(0)
        woken, plain = loop.create_future(), loop._selector._plain
        select = plain.select

        def note(timeout=None):
            if timeout is None or timeout > 0:
                asleep.set()
            return select(timeout)

        plain.select = note
        thread = threading.Thread(target=iterate, args=(woken,))
        thread.start()
        begun.wait()
        assert await woken == 'woken'
        thread.join()

    def iterate(woken):
        inner = GLib.MainLoop()

        def hold():
            begun.set()
            asleep.wait()
            inner.quit()

        GLib.idle_add(hold)
        inner.run()
        GLib.idle_add(woken.set_result, 'woken')

    begun, asleep = threading.Event(), threading.Event()
    asyncio.run(asyncio.wait_for(main(), 10))


@tap.plain('/asyncio/run')
def run():
    """Each has a new loop, and leaves nothing of it behind."""
    async def task():
        await Gco.sleep(0)
        return 'ran'

    async def main():
        file = Gio.File.new_for_path('/')
        info = await Gco.call_async(file.query_info_async, file.query_info_finish,
                                    'standard::type', Gio.FileQueryInfoFlags.NONE, 0)
        assert info.get_file_type() == Gio.FileType.DIRECTORY
        assert await Gco.spawn(task()) == 'ran'
        return await hand_over(mutex)

    mutex = Gco.AsyncMutex()
    for _ in range(3):
        assert asyncio.run(main()) == 'handed over'
    gc.collect()
    assert not GLib.MainContext.default().pending() and not mutex.is_locked()


@tap.plain('/asyncio/task-that-nobody-awaits')
def nobody_awaits():
    async def task():
        await Gco.sleep(0)
        ended.set()

    async def main():
        Gco.spawn(task())
        await ended.wait()

    ended = asyncio.Event()
    asyncio.run(asyncio.wait_for(main(), 60))


@tap.plain('/asyncio/both-are-heard')
def both_are_heard():
    """Asleep, it is woken by descriptors, timers, other threads and signals of both sides."""
    async def main():
        loop = asyncio.get_running_loop()
        await hand_over(Gco.AsyncMutex())
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            for _ in range(2):  # it is registered anew
                threading.Timer(0.001, theirs.send, (b'x',)).start()
                assert await loop.sock_recv(ours, 1) == b'x'
            GLib.timeout_add(1, lambda: not theirs.send(b'y'))
            assert await loop.sock_recv(ours, 1) == b'y'
        before = loop.time()
        await asyncio.sleep(0.01)
        await Gco.sleep(0.01)
        assert loop.time() - before >= 0.02
        assert await asyncio.to_thread(lambda: 'there') == 'there'
        caught = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, caught.set)
        threading.Timer(0.001, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        await caught.wait()
        future = loop.create_future()
        GLib.timeout_add(1, future.set_result, 'woken')
        return await future

    assert asyncio.run(asyncio.wait_for(main(), 60)) == 'woken'


@tap.plain('/asyncio/sleeps-until-its-timer')
def sleeps_until_its_timer():
    """What ends a sleep of asyncio's does not wake it from the start."""
    async def main():
        await Gco.sleep(0)
        selector, asked = asyncio.get_running_loop()._selector, []
        select = type(selector).select
        type(selector).select = lambda *args: asked.append(args) or select(*args)
        try:
            await asyncio.sleep(0.2)
            await asyncio.wait_for(Gco.sleep(0.1), 60)
        finally:
            type(selector).select = select
        return len(asked)

    assert asyncio.run(main()) < 30


@tap.plain('/asyncio/in-a-thread')
def in_a_thread():
    """One without a context gets its own while the loop is open."""
    def work():
        log.append(asyncio.run(hand_over(Gco.AsyncMutex())))
        log.append(GLib.MainContext.get_thread_default())

    log = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert log == ['handed over', None], log


@tap.plain('/asyncio/in-two-threads')
def in_two_threads():
    """They hand a lock to and fro."""
    async def main():
        for _ in range(200):
            async with mutex:
                number[0] += 1
                await asyncio.sleep(0)

    mutex, number = Gco.AsyncMutex(), [0]
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    asyncio.run(main())
    thread.join()
    assert number == [400] and not mutex.is_locked()


def refused(loop):
    """It says so, at once; what was free can be locked all the same."""
    async def main():
        mutex = Gco.AsyncMutex()
        await mutex.lock()
        for wait in (mutex.lock, lambda: Gco.sleep(0)):
            coro = wait()
            try:
                await coro
            except RuntimeError as error:
                assert 'does not iterate the main context' in str(error)
            else:
                raise AssertionError('it waited')
        coro = asyncio.sleep(0)
        raises(RuntimeError, Gco.spawn, coro)
        coro.close()

    try:
        loop.run_until_complete(asyncio.wait_for(main(), 10))
    finally:
        loop.close()


tap.add('/asyncio/gbulb-with-another-context', lambda: refused(gbulb.GLibEventLoop()),
        'gbulb is not installed' if gbulb is None else None)


@tap.plain('/asyncio/no-descriptor-to-watch')
def no_descriptor():
    """A selector that has none, as that of a loop which is built on none."""
    refused(asyncio.SelectorEventLoop(selectors.SelectSelector()))


@tap.plain('/asyncio/inherits-no-descriptor')
def inherits_no_descriptor():
    class Same(selectors.SelectSelector):
        """With nothing of its own by which it could sleep in another way."""

    refused(asyncio.SelectorEventLoop(Same()))


@tap.plain('/asyncio/own-selector')
def own_selector():
    """One that does something besides works like the one it is made of."""
    class Counted(selectors.DefaultSelector):
        n = 0

        def select(self, timeout=None):
            Counted.n += 1
            return super().select(timeout)

    loop = asyncio.SelectorEventLoop(Counted())
    try:
        mutex = Gco.AsyncMutex()
        done = asyncio.wait_for(hand_over(mutex), 10)
        assert loop.run_until_complete(done) == 'handed over' and Counted.n > 0
    finally:
        loop.close()


def doubts(selector):
    """What the exception handler is told about a wait in a loop with it, or None."""
    async def main():
        waiting = asyncio.ensure_future(Gco.sleep(0))
        await asyncio.sleep(0.2)  # it looks earlier
        waiting.cancel()

    told = []
    loop = asyncio.SelectorEventLoop(selector)
    loop.set_exception_handler(lambda _, details: told.append(details['message']))
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    return told


@tap.plain('/asyncio/own-selector-without-descriptor')
def own_selector_without():
    """Whether one iterates the context turns out; if not, it does not wait in silence."""
    class Own(selectors.SelectSelector):
        def select(self, timeout=None):
            return super().select(timeout)

    told = doubts(Own())
    assert len(told) == 1 and 'does not iterate the main context' in told[0], told
    assert doubts(GLibSelector(GLib.MainContext.default())) == []


def rests(context):
    """Whether it has nothing to do, after what was left."""
    for _ in range(5):
        context.iteration(False)
    return not context.pending()


@tap.plain('/asyncio/stopped-with-something-pending')
def stopped():
    """A loop that does not run does not keep other iterations of the context busy."""
    async def main():
        await Gco.sleep(0)
        return await hand_over(Gco.AsyncMutex())

    context, loop = GLib.MainContext.default(), asyncio.SelectorEventLoop()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop.run_until_complete(main())
        ours.setblocking(False)
        heard = loop.create_task(loop.sock_recv(ours, 1))
        loop.call_soon(loop.stop)
        loop.run_forever()
        theirs.send(b'x')
        assert rests(context)
        assert loop.run_until_complete(asyncio.wait_for(heard, 10)) == b'x'
        assert loop.run_until_complete(main()) == 'handed over'
        loop.close()


@tap.plain('/asyncio/main-loop-within')
def loop_within():
    """Nor does one that waits for a callback which iterates the context."""
    async def main():
        await Gco.sleep(0)
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def within():
            loop.call_soon_threadsafe(done.set_result, None)
            rested.append(rests(GLib.MainContext.default()))
            return GLib.SOURCE_REMOVE

        GLib.timeout_add(1, within)
        await done

    rested = []
    asyncio.run(asyncio.wait_for(main(), 10))
    assert rested == [True]


tap.main()
