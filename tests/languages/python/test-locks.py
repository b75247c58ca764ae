# SPDX-License-Identifier: LGPL-2.1-or-later
"""The words of the override, one by one, and what a caller's Gio.Cancellable does."""

import warnings
import weakref

from gi.repository import GObject

from harness import (Gco, Gio, GLib, Tap, cancelled_by_gio, denied, gc, raises)

tap = Tap()


@tap.through_doors('/mutex/order')
def mutex_order(door):
    """Whoever comes first is served first, and nobody beside another."""
    mutex, order = Gco.AsyncMutex(), []

    async def one(who):
        for turn in range(3):
            async with mutex:
                order.append((turn, who))
                await Gco.sleep(0)

    tasks = [door.spawn(one(who)) for who in range(4)]
    for task in tasks:
        door.end(task)
    assert order == [(turn, who) for turn in range(3) for who in range(4)], order
    assert not mutex.is_locked()


@tap.through_doors('/mutex/body-raises')
def mutex_body_raises(door):
    mutex = Gco.AsyncMutex()

    async def fail():
        async with mutex:
            raise KeyError

    raises(KeyError, door.run, fail())
    assert not mutex.is_locked()


@tap.through_doors('/mutex/by-hand')
def mutex_by_hand(door):
    mutex = Gco.AsyncMutex()

    async def by_hand():
        assert await mutex.lock() is True
        assert not mutex.trylock()
        mutex.unlock()
        denied(mutex.unlock)

    door.run(by_hand())


@tap.through_doors('/semaphore')
def semaphore(door):
    permits, inside, most = Gco.AsyncSemaphore(n_permits=2), [], []

    async def one(who):
        async with permits:
            inside.append(who)
            most.append(len(inside))
            await Gco.sleep(0)
            inside.remove(who)

    for task in [door.spawn(one(who)) for who in range(6)]:
        door.end(task)
    assert max(most) == 2 and permits.get_n_free() == 2
    denied(permits.release)


@tap.through_doors('/rwlock')
def rwlock(door):
    """Readers are together, a writer alone; up and down again."""
    lock, log = Gco.AsyncRwlock(), []

    async def read(who):
        async with lock.reader():
            log.append(f'+{who}')
            await Gco.sleep(0)
            log.append(f'-{who}')

    async def write():
        async with lock.writer():
            log.append('+w')
            await Gco.sleep(0)
            log.append('-w')

    async def up_and_down():
        await lock.rdlock()
        await lock.upgrade()
        assert not lock.tryrdlock()
        lock.downgrade()
        assert lock.tryrdlock()
        lock.unlock()
        lock.unlock()

    for task in [door.spawn(coro) for coro in (read('a'), read('b'), write(), read('c'))]:
        door.end(task)
    assert log == ['+a', '+b', '-a', '-b', '+w', '-w', '+c', '-c'], log
    door.run(up_and_down())
    denied(lock.unlock)


@tap.through_doors('/queue')
def queue(door):
    """A wake-up for each; wait_for() wakes until it is so."""
    mutex, line, items = Gco.AsyncMutex(), Gco.AsyncWaitQueue(), []

    async def take():
        async with mutex:
            count = await line.wait_for(lambda: len(items), mutex)
            assert mutex.is_locked()
            return count, items.pop(0)

    async def put(item):
        async with mutex:
            if item is not None:
                items.append(item)
            line.next()

    task = door.spawn(take())
    door.until(lambda: not line.is_empty())
    door.run(put(None))
    door.until(lambda: not line.is_empty() and not mutex.is_locked())
    assert not task.done()
    door.run(put('it'))
    assert door.end(task) == (1, 'it') and not mutex.is_locked()


@tap.through_doors('/queue/not-held')
def queue_not_held(door):
    async def wait():
        await Gco.AsyncWaitQueue().wait(Gco.AsyncMutex())

    denied(door.run, wait())


def from_c(cls):
    """One whose wrapper Python did not ask for by calling the class."""
    return GObject.new(cls.__gtype__) if cls is not Gco.AsyncMutex else cls.new()


@tap.through_doors('/from-c')
def methods_of_what_c_returns(door):
    async def use():
        async with from_c(Gco.AsyncMutex), from_c(Gco.AsyncSemaphore):
            async with from_c(Gco.AsyncRwlock).reader():
                pass
        assert from_c(Gco.AsyncWaitQueue).wait_for.__doc__

    door.run(use())


# --------------------------------------------------------------- a caller's cancellable

WAITS = {
    'lock': (Gco.AsyncMutex, lambda lock: lock.trylock(), lambda lock, c: lock.lock(c)),
    'acquire': (lambda: Gco.AsyncSemaphore(n_permits=1), lambda lock: lock.tryacquire(),
                lambda lock, c: lock.acquire(c)),
    'rdlock': (Gco.AsyncRwlock, lambda lock: lock.trywrlock(), lambda lock, c: lock.rdlock(c)),
    'wrlock': (Gco.AsyncRwlock, lambda lock: lock.tryrdlock(), lambda lock, c: lock.wrlock(c)),
    'upgrade': (Gco.AsyncRwlock, lambda lock: lock.tryrdlock() and lock.tryrdlock(),
                lambda lock, c: lock.upgrade(c)),
    'wait': (Gco.AsyncWaitQueue, lambda lock: True, lambda lock, c: lock.wait(None, c)),
}


def cancellable(door, make, take, wait):
    """Before and during the wait; no handler is left, and nothing that keeps it alive."""
    async def waits():
        await wait(lock, cancel)

    for early in (True, False):
        lock, cancel = make(), Gio.Cancellable()
        assert take(lock)
        if early:
            cancel.cancel()
        task = door.spawn(waits())
        for _ in range(5):
            door.turn()
        assert task.done() == early
        cancel.cancel()
        cancelled_by_gio(door.end, task)
        gone = weakref.ref(cancel)
        signal = GObject.signal_lookup('cancelled', Gio.Cancellable)
        assert not GObject.signal_has_handler_pending(cancel, signal, 0, True)
        task = cancel = None
        gc.collect()
        assert gone() is None


for name, parts in WAITS.items():
    tap.through_doors(f'/cancellable/{name}')(
        lambda door, parts=parts: cancellable(door, *parts))


@tap.through_doors('/cancellable/free')
def cancelled_before_a_free_lock(door):
    async def lock():
        cancel = Gio.Cancellable()
        cancel.cancel()
        await mutex.lock(cancel)

    mutex = Gco.AsyncMutex()
    cancelled_by_gio(door.run, lock())
    assert not mutex.is_locked()


@tap.through_doors('/cancellable/holds-again')
def holds_again(door):
    """A wait that is cancelled holds its mutex, an upgrade reads."""
    async def wait():
        async with mutex:
            try:
                await line.wait(mutex, cancel)
            finally:
                assert mutex.is_locked()

    async def upgrade():
        async with lock.reader():
            try:
                await lock.upgrade(cancel)
            finally:
                assert not lock.trywrlock()

    for early in (True, False):
        mutex, line, lock = Gco.AsyncMutex(), Gco.AsyncWaitQueue(), Gco.AsyncRwlock()
        cancel = Gio.Cancellable()
        assert lock.tryrdlock()
        if early:
            cancel.cancel()
        tasks = [door.spawn(wait()), door.spawn(upgrade())]
        for _ in range(3):
            door.turn()
        cancel.cancel()
        for task in tasks:
            cancelled_by_gio(door.end, task)
        lock.unlock()
        assert not mutex.is_locked() and lock.trywrlock()


@tap.through_doors('/cancellable/closed-within-its-emission')
def closed_within_its_emission(door):
    """Where GCancellable's own disconnect would wait for ever for its caller."""
    mutex, cancel = Gco.AsyncMutex(), Gio.Cancellable()
    assert mutex.trylock()

    async def lock():
        await mutex.lock(cancel)

    coro = lock()
    task = door.spawn(coro)
    GObject.Object.connect(cancel, 'cancelled', lambda *_: coro.close())
    for _ in range(5):
        door.turn()
    cancel.cancel()
    mutex.unlock()
    door.until(mutex.trylock)
    task.cancel()
    door.until(task.done)
    assert task.cancelled() or task.exception()


@tap.through_doors('/cancellable/and-the-task')
def both(door):
    """Cancelled both ways at once: the task's way is told."""
    mutex, cancel = Gco.AsyncMutex(), Gio.Cancellable()
    assert mutex.trylock()

    async def lock():
        await mutex.lock(cancel)

    task = door.spawn(lock())
    for _ in range(5):
        door.turn()
    task.cancel()
    cancel.cancel()
    raises(door.Cancelled, door.end, task)
    mutex.unlock()
    assert not mutex.is_locked()


# ------------------------------------------------------------------------ besides locks

@tap.through_doors('/call-async')
def call_async(door):
    """A pair of GIO; its errors; a task that is cancelled cancels it."""
    def load(path, **kwargs):
        file = Gio.File.new_for_path(path)
        return Gco.call_async(file.load_contents_async, file.load_contents_finish, **kwargs)

    async def mine():
        return (await load(__file__))[1].splitlines()[0]

    async def nobodys():
        await load('/nowhere/at/all')

    async def cancelled_already():
        cancel = Gio.Cancellable()
        cancel.cancel()
        await Gco.call_async(seen.append, None, cancellable=cancel)

    assert door.run(mine()).startswith(b'# SPDX')
    error = raises(GLib.Error, door.run, nobodys())
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND)
    seen = []
    cancelled_by_gio(door.run, cancelled_already())
    assert not seen, 'it was begun'

    def start(cancel, callback):
        task = Gio.Task.new(None, cancel, callback, None)
        cancel.connect(lambda: task.return_boolean(True))
        seen.append(cancel)

    async def endless():
        await Gco.call_async(start, lambda result: seen.append('finished'))

    task = door.spawn(endless())
    door.until(lambda: seen)
    task.cancel()
    raises(door.Cancelled, door.end, task)
    assert seen[0].is_cancelled() and len(seen) == 1
    outer = Gio.Cancellable()

    def start_and_cancel(cancel, callback):
        start(cancel, callback)
        outer.cancel()

    async def cancelled_meanwhile():
        return await Gco.call_async(start_and_cancel, Gio.Task.propagate_boolean,
                                    cancellable=outer)

    cancelled_by_gio(door.run, cancelled_meanwhile())


@tap.through_doors('/to-thread')
def to_thread(door):
    import threading
    go = threading.Event()

    def work(result):
        assert threading.current_thread() is not threading.main_thread()
        go.wait()
        if isinstance(result, Exception):
            raise result
        return result

    async def ask(result):
        return await Gco.to_thread(work, result=result)

    task = door.spawn(ask(5))
    for _ in range(5):
        door.turn()
    # Until the thread is done, it does not know of that: it may hold a lock for its work.
    task.cancel()
    for _ in range(5):
        door.turn()
    assert not task.done()
    go.set()
    raises(door.Cancelled, door.end, task)
    assert door.run(ask(6)) == 6
    raises(KeyError, door.run, ask(KeyError()))


@tap.through_doors('/sleep')
def sleep(door):
    async def nap():
        start = GLib.get_monotonic_time()
        await Gco.sleep(0.01)
        return GLib.get_monotonic_time() - start

    async def long():
        await Gco.sleep(1000)

    assert door.run(nap()) >= 10000
    task = door.spawn(long())
    for _ in range(3):
        door.turn()
    task.cancel()
    raises(door.Cancelled, door.end, task)


@tap.plain('/outside')
def outside():
    """Where nothing drives the coroutine, it says so and does not wait for ever."""
    mutex = Gco.AsyncMutex()
    coro = mutex.lock()
    raises(StopIteration, coro.send, None)
    assert 'Gco.run()' in str(raises(RuntimeError, mutex.lock().send, None))


@tap.plain('/never-awaited')
def never_awaited():
    """Who forgets to await is told what."""
    mutex, rwlock = Gco.AsyncMutex(), Gco.AsyncRwlock()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter('always')
        for call in (mutex.lock, Gco.AsyncSemaphore().acquire, rwlock.rdlock, rwlock.wrlock,
                     rwlock.upgrade, Gco.AsyncWaitQueue().wait):
            call()
            gc.collect()
            name = call.__qualname__
            assert len(told) and f"coroutine '{name}' was" in str(told.pop().message), name


@tap.plain('/final')
def final():
    """No class can be extended, and who tries is told why."""
    classes = [thing for thing in (getattr(Gco, name) for name in dir(Gco))
               if isinstance(thing, type) and issubclass(thing, GObject.Object)]
    assert len(classes) >= 5
    for cls in classes:
        error = raises(TypeError, type, 'Derived', (cls,), {})
        assert f'Gco.{cls.__name__}, which is final' in str(error), error


tap.main()
