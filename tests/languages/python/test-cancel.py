# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is cancelled or closed at any moment loses no lock and swallows no wake-up.

A victim and its heir stand in line; after some turns the test lets the first of them
in. All that is repeated with the victim ended after 0, 1, 2 ... turns, until it lives so long
that it has ended by itself.
"""

from harness import Gco, Tap, gc, outcome

tap = Tap()
LET_IN = 6  # turns after which there is something to be had


class Room:
    """Whoever is in here is alone, and the lock is locked."""

    def __init__(self, locked=lambda: True):
        self.visitor = None
        self._locked = locked

    async def visit(self, who):
        assert self.visitor is None, f'{who} meets {self.visitor}'
        self.visitor = who
        try:
            for _ in range(2):
                assert self._locked(), f'{who} does not have it'
                await Gco.sleep(0)
        finally:
            assert self._locked() and self.visitor == who
            self.visitor = None


class Mutex:
    """async with mutex."""

    def __init__(self):
        self.mutex = Gco.AsyncMutex()
        self.room = Room(self.mutex.is_locked)
        assert self.mutex.trylock()

    async def victim(self, who='victim'):
        async with self.mutex:
            await self.room.visit(who)

    async def heir(self):
        await self.victim('heir')

    def others(self):
        return [self.heir]

    def let_in(self):
        self.mutex.unlock()

    def is_free(self):
        return self.mutex.trylock()


class Semaphore(Mutex):
    """async with semaphore."""

    def __init__(self):
        self.mutex = Gco.AsyncSemaphore(n_permits=1)
        self.room = Room(lambda: self.mutex.get_n_free() == 0)
        assert self.mutex.tryacquire()

    def let_in(self):
        self.mutex.release()

    def is_free(self):
        return self.mutex.tryacquire()


class Writer(Mutex):
    """async with rwlock.writer()."""

    def __init__(self):
        self.rwlock = Gco.AsyncRwlock()
        self.room = Room(lambda: not self.rwlock.tryrdlock())
        assert self.rwlock.trywrlock()

    async def victim(self, who='victim'):
        async with self.rwlock.writer():
            await self.room.visit(who)

    def let_in(self):
        self.rwlock.unlock()

    def is_free(self):
        return self.rwlock.trywrlock()


class Reader(Writer):
    """async with rwlock.reader(), with a writer behind."""

    async def victim(self):
        async with self.rwlock.reader():
            await Room(lambda: not self.rwlock.trywrlock()).visit('victim')

    async def heir(self):
        async with self.rwlock.writer():
            await self.room.visit('heir')


class Upgrade(Writer):
    """await rwlock.upgrade() beside another reader."""

    def __init__(self):
        self.rwlock = Gco.AsyncRwlock()
        self.room = Room(lambda: not self.rwlock.tryrdlock())
        assert self.rwlock.tryrdlock()

    async def victim(self):
        async with self.rwlock.reader():
            try:
                await self.rwlock.upgrade()
            except GeneratorExit:
                raise
            except BaseException:
                assert self.room.visitor is None, 'a reader beside a writer'
                assert not self.rwlock.trywrlock(), 'reads no more'
                raise
            await self.room.visit('victim')

    async def heir(self):
        async with self.rwlock.writer():
            await self.room.visit('heir')
        async with self.rwlock.writer():
            await self.room.visit('heir')


class Wait(Mutex):
    """await queue.wait(mutex), with one more in the queue and one in the mutex."""

    def __init__(self):
        super().__init__()
        self.mutex.unlock()
        self.queue = Gco.AsyncWaitQueue()

    async def victim(self):
        async with self.mutex:
            try:
                await self.queue.wait(self.mutex)
            except GeneratorExit:
                raise
            except BaseException:
                await self.room.visit('the cancelled')
                raise
            self.queue.next()
            await self.room.visit('victim')

    async def heir(self):
        async with self.mutex:
            await self.queue.wait(self.mutex)
            await self.room.visit('heir')

    async def tenant(self):
        for _ in range(12):
            async with self.mutex:
                await self.room.visit('tenant')

    def others(self):
        return [self.heir, self.tenant]

    def let_in(self):
        self.queue.next()

    def is_free(self):
        return self.queue.is_empty() and self.mutex.trylock()


class WaitAlone(Wait):
    """await queue.wait(), without a mutex."""

    async def victim(self):
        await self.queue.wait()
        self.queue.next()

    async def heir(self):
        await self.queue.wait()

    def others(self):
        return [self.heir]


def cancel(task, _coro):
    task.cancel()


def close(task, coro):
    """What the collector does; the rest is for the task, which knows nothing of it."""
    coro.close()
    task.cancel()


def strike_at(door, case, strike, moment):
    """Whether the victim had not ended by itself at that moment."""
    coro = case.victim()
    victim = door.spawn(coro)
    others = [door.spawn(other()) for other in case.others()]
    struck = False
    for turn in range(max(moment, LET_IN) + 1):
        if turn == LET_IN:
            case.let_in()
        if turn == moment and not victim.done():
            struck = True
            strike(victim, coro)
        door.turn()
    for other in others:
        door.end(other)
    door.until(victim.done)
    error = outcome(victim)
    if strike is cancel:
        assert error is None or struck and isinstance(error, door.Cancelled), error
    door.until(case.is_free)
    return struck


def sweep(door, case_type, strike):
    moment = 0
    while strike_at(door, case_type(), strike, moment):
        moment += 1
    assert moment > LET_IN, f'it had ended before turn {moment}'
    gc.collect()


for case in [Mutex, Semaphore, Writer, Reader, Upgrade, Wait, WaitAlone]:
    for strike in [cancel, close]:
        tap.through_doors(f'/{strike.__name__}/{case.__name__.lower()}')(
            lambda door, case=case, strike=strike: sweep(door, case, strike))

tap.main()
