# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waits whose coroutine, task or loop goes away, and nobody else's callback comes after."""

import weakref

from harness import Gbulb, Gco, Selector, Tap, Trampoline, gbulb, gc, outcome, raises

tap = Tap()


async def forgetful(mutex):
    await mutex.lock()


def turns(door, n=5):
    for _ in range(n):
        door.turn()


def held():
    mutex = Gco.AsyncMutex()
    assert mutex.trylock()
    return mutex


def shut(task, coro):
    coro.close()
    task.cancel()


@tap.through_doors('/close/queued')
def queued(door):
    queue = Gco.AsyncWaitQueue()
    coro = queue.wait()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    shut(task, coro)
    door.until(queue.is_empty)
    door.until(task.done)
    outcome(task)


def _coming(door, moment):
    mutex = held()
    coro = forgetful(mutex)
    task = door.spawn(coro)
    turns(door)
    mutex.unlock()
    turns(door, moment)
    if task.done():
        return False
    coro.close()
    door.until(mutex.trylock)
    turns(door)
    assert moment or not task.done(), 'who was closed was woken'
    task.cancel()
    door.until(task.done)
    outcome(task)
    return True


@tap.through_doors('/close/granted')
def granted(door):
    moments = 0
    while _coming(door, moments):
        moments += 1
    assert moments > 0


@tap.through_doors('/close/waiting-for-its-mutex')
def waiting_for_its_mutex(door):
    """Picked, closed while another holds the mutex: which stays locked until that unlocks."""
    mutex, queue = Gco.AsyncMutex(), Gco.AsyncWaitQueue()

    async def wait():
        async with mutex:
            await queue.wait(mutex)

    coro = wait()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    assert mutex.trylock() and queue.next()
    turns(door)
    shut(task, coro)
    turns(door)
    assert mutex.is_locked()
    mutex.unlock()
    door.until(lambda: not mutex.is_locked())
    door.until(task.done)
    outcome(task)


@tap.through_doors('/close/while-taking-back')
def while_taking_back(door):
    """Cancelled, waiting for the mutex it must have again, and then closed."""
    mutex, queue = Gco.AsyncMutex(), Gco.AsyncWaitQueue()
    seen = []

    async def wait():
        async with mutex:
            try:
                await queue.wait(mutex)
            except BaseException as error:
                seen.append(type(error))
                raise

    coro = wait()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    assert mutex.trylock()
    task.cancel()
    turns(door)
    assert not task.done() and not seen
    shut(task, coro)
    assert seen == [GeneratorExit] and mutex.is_locked()
    mutex.unlock()
    door.until(lambda: not mutex.is_locked())
    door.until(task.done)
    outcome(task)


@tap.through_doors('/close/who-never-unlocks')
def who_never_unlocks(door):
    """Leaves nothing behind that could swallow the unlock of somebody else."""
    mutex, queue, inside = Gco.AsyncMutex(), Gco.AsyncWaitQueue(), []

    async def sloppy():
        await mutex.lock()
        await queue.wait(mutex)
        mutex.unlock()

    async def tidy():
        async with mutex:
            inside.append(True)
            await Gco.sleep(1000)

    first = sloppy()
    tasks = [door.spawn(first)]
    door.until(lambda: not queue.is_empty())
    shut(tasks[0], first)
    second = tidy()
    tasks.append(door.spawn(second))
    door.until(lambda: inside)
    shut(tasks[1], second)
    door.until(lambda: not mutex.is_locked())
    for task in tasks:
        door.until(task.done)
        outcome(task)


@tap.through_doors('/close/an-unlock-by-hand')
def an_unlock_by_hand(door):
    """In a finally, after which another exception is on its way."""
    mutex, queue = Gco.AsyncMutex(), Gco.AsyncWaitQueue()

    async def by_hand():
        await mutex.lock()
        try:
            try:
                await queue.wait(mutex)
            finally:
                raise KeyError
        finally:
            mutex.unlock()

    coro = by_hand()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    assert mutex.trylock()
    raises(KeyError, coro.close)
    assert mutex.is_locked()
    mutex.unlock()
    task.cancel()
    door.until(task.done)
    outcome(task)


@tap.through_doors('/close/who-holds-it-meanwhile')
def who_holds_it_meanwhile(door):
    """It is closed together with one that has lost the lock and never unlocks: it does."""
    mutex, queue, inside, left = Gco.AsyncMutex(), Gco.AsyncWaitQueue(), [], []

    class Local:
        pass

    async def sloppy():
        local = Local()
        left.append(weakref.ref(local))
        await mutex.lock()
        await queue.wait(mutex)
        mutex.unlock()

    async def tidy():
        async with mutex:
            inside.append(True)
            await Gco.sleep(1000)

    coros = [sloppy(), tidy()]
    tasks = [door.spawn(coros[0])]
    door.until(lambda: not queue.is_empty())
    tasks.append(door.spawn(coros[1]))
    door.until(lambda: inside)
    for coro in coros:
        coro.close()
    assert not mutex.is_locked()
    del coro, coros[:]
    for task in tasks:
        task.cancel()
        door.until(task.done)
        outcome(task)
    del task, tasks[:]
    door.until(lambda: gc.collect() and False or left[0]() is None)


@tap.through_doors('/close/by-way-of-another')
def by_way_of_another(door):
    """Whichever of those that await one another unlocks: what they lost, they lost once."""
    mutex, queue = Gco.AsyncMutex(), Gco.AsyncWaitQueue()

    def let_go():
        mutex.unlock()

    async def wait():
        await queue.wait(mutex)

    async def outer():
        await mutex.lock()
        try:
            await wait()
        finally:
            let_go()

    coro = outer()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    assert mutex.trylock()
    shut(task, coro)
    assert mutex.is_locked()
    mutex.unlock()
    assert not mutex.is_locked()
    door.until(task.done)
    outcome(task)


@tap.through_doors('/close/unlocked-when-it-is-over')
def unlocked_when_it_is_over(door):
    """By one that does not let the GeneratorExit out."""
    mutex, queue = Gco.AsyncMutex(), Gco.AsyncWaitQueue()

    async def swallow():
        await mutex.lock()
        try:
            await queue.wait(mutex)
        except GeneratorExit:
            pass
        mutex.unlock()

    coro = swallow()
    task = door.spawn(coro)
    door.until(lambda: not queue.is_empty())
    assert mutex.trylock()
    shut(task, coro)
    assert mutex.is_locked()
    mutex.unlock()
    door.until(task.done)
    outcome(task)


def _close_the_loop(make, moment, keep):
    """With one in the lock's line; the loop is closed so many turns after it was let in."""
    door, mutex = make(), held()

    async def lock():
        async with mutex:
            await door.loop.create_future()

    task = door.spawn(lock())
    turns(door)
    if moment < 0:
        door.close()
    mutex.unlock()
    turns(door, moment)
    door.close()
    door.loop.set_exception_handler(lambda *_: None)
    if not keep:
        del task
    plain = Trampoline()
    for _ in range(3):
        plain.turn()
        gc.collect()
    plain.until(mutex.trylock)


for make in [Selector, Gbulb]:
    skip = 'gbulb is not installed' if make is Gbulb and gbulb is None else None
    # As soon as it is closed, while it has not heard of the lock;
    tap.add(f'/close/loop/{make.name}',
            lambda make=make: [_close_the_loop(make, moment, True) for moment in (-1, 0)], skip)
    # later, the task has the lock, or will when it runs: when it is collected.
    tap.add(f'/close/loop-and-task/{make.name}',
            lambda make=make: [_close_the_loop(make, moment, False) for moment in range(7)],
            skip)

tap.main()
