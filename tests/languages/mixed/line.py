# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waiters in Python, beside coroutines in C."""

import collections

from gi.repository import Gco, GcoPartner, Gio, GLib, GObject

EVERYBODY = 1 << 20

Kind = collections.namedtuple('Kind', 'capacity make take let_go is_free')

KINDS = {
    'mutex': Kind(
        1, Gco.AsyncMutex,
        lambda lock, exclusive, cancellable: lock.lock(cancellable),
        lambda lock: lock.unlock(),
        lambda lock: not lock.is_locked()),
    'rwlock': Kind(
        EVERYBODY, Gco.AsyncRwlock,
        lambda lock, exclusive, cancellable:
            lock.wrlock(cancellable) if exclusive else lock.rdlock(cancellable),
        lambda lock: lock.unlock(),
        lambda lock: lock.trywrlock() and lock.unlock()),
    'semaphore': Kind(
        3, lambda: Gco.AsyncSemaphore.new(3),
        lambda lock, exclusive, cancellable: lock.acquire(cancellable),
        lambda lock: lock.release(),
        lambda lock: lock.get_n_free() == 3),
}


SEATS = ['C 0', 'Python 0', 'C 1', 'Python 1', 'C 2', 'Python 2', 'C 3', 'Python 3']


class Contender:
    """Stands in the line of one lock."""

    def __init__(self, line, lock, name, kind=None, mutex=None):
        self._line, self._lock, self._name, self._mutex = line, lock, name, mutex
        self._kind = KINDS.get(kind)
        self._task = None

    async def _take(self, exclusive, cancellable):
        if self._mutex is not None:
            await self._lock.wait(self._mutex, cancellable)
        else:
            await self._kind.take(self._lock, exclusive, cancellable)

    async def _wait(self, exclusive):
        """A wait that may be cancelled, or its task may: the ticket, or None."""
        line = self._line
        cancellable = Gio.Cancellable() if line.toss(3) > 0 else None
        weight = line.get_capacity() if exclusive else 1
        ticket = line.ask(self._name, weight, cancellable)
        if self._task is not None and cancellable is not None:
            task = self._task
            GObject.Object.connect(cancellable, 'cancelled', lambda *_: task.cancel())
            cancellable = None
        try:
            await self._take(exclusive, cancellable)
        except Gco.Cancelled:
            line.gave_up(ticket)
            raise
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                raise
            line.gave_up(ticket)
            return None
        line.got(ticket)
        return ticket

    async def _change(self, ticket, exclusive):
        """One time in four, a reader becomes the writer, and a writer a reader."""
        line = self._line
        if self._task is not None or line.toss(4) > 0:
            return ticket
        if exclusive:
            line.downgrade(ticket, 1)
            self._lock.downgrade()
            return ticket
        line.give_back(ticket)
        ticket = line.ask(self._name, EVERYBODY, None)
        await self._lock.upgrade()
        line.got(ticket)
        return ticket

    async def _round(self):
        line = self._line
        is_rwlock = isinstance(self._lock, Gco.AsyncRwlock)
        exclusive = is_rwlock and line.toss(3) == 0
        ticket = await self._wait(exclusive)
        if ticket is None:
            return
        try:
            line.disturb()
            if line.toss(4) == 0:
                await Gco.sleep(0)
            if is_rwlock:
                ticket = await self._change(ticket, exclusive)
        finally:
            line.give_back(ticket)
            self._kind.let_go(self._lock)

    async def _round_in_task(self):
        """One that may be cancelled wherever it waits."""
        self._task = Gco.spawn(self._round())
        try:
            await self._task
        except Gco.Cancelled:
            pass
        self._task = None

    async def contend(self, n_rounds):
        """Until all in the line together have had the lock so often."""
        while self._line.get_n_granted() < n_rounds:
            if self._line.toss(2) > 0:
                await self._round_in_task()
            else:
                await self._round()
            if self._line.toss(16) == 0:
                await Gco.sleep(0)

    async def contend_queue(self, n_rounds):
        """The same for a queue and its mutex."""
        while self._line.get_n_granted() < n_rounds:
            async with self._mutex:
                ticket = await self._wait(True)
                if ticket is not None:
                    self._line.disturb()
                    self._line.give_back(ticket)


def _verdict(line, seats, n_rounds):
    # Those that sleep between two turns come round more rarely.
    share = n_rounds / len(seats) / 50
    poor = [f'{name} {line.get_n_granted_to(name)}' for name in seats
            if line.get_n_granted_to(name) < share]
    return {
        'n_cancelled': line.get_n_cancelled(),
        'complaint': line.dup_complaint(),
        'left': line.get_n_there(),
        'poor': ', '.join(poor),
    }


async def play(kind, n_rounds, seed, others=None):
    """A game for one lock. others: more seats, name: function (line, lock, name, n_rounds)."""
    others = others or {}
    lock = KINDS[kind].make()
    line = GcoPartner.Line.new(KINDS[kind].capacity, seed)
    GcoPartner.watch(lock)
    GcoPartner.watch(line)
    coroutines = [
        Gco.call_async(line.contend_async, line.contend_finish, lock, name, n_rounds)
        if name.startswith('C') else Contender(line, lock, name, kind).contend(n_rounds)
        for name in SEATS]
    coroutines += [sit(line, lock, name, n_rounds) for name, sit in others.items()]
    for task in [Gco.spawn(coroutine) for coroutine in coroutines]:
        await task
    # Those that were abandoned are given it, and give it back.
    for _ in range(3):
        await Gco.sleep(0)
    return {'free': KINDS[kind].is_free(lock), **_verdict(line, [*SEATS, *others], n_rounds)}


async def play_queue(n_rounds, seed):
    """A game for a queue and its mutex."""
    queue, mutex = Gco.AsyncWaitQueue(), Gco.AsyncMutex()
    line = GcoPartner.Line.new(1, seed)
    for watched in queue, mutex, line:
        GcoPartner.watch(watched)
    stop = Gio.Cancellable()
    pump = Gco.spawn(Gco.call_async(line.pump_async, line.pump_finish, queue, cancellable=stop))
    coroutines = [
        Gco.call_async(line.queue_async, line.queue_finish, queue, mutex, name, n_rounds)
        if name.startswith('C') else
        Contender(line, queue, name, mutex=mutex).contend_queue(n_rounds)
        for name in SEATS]
    for task in [Gco.spawn(coroutine) for coroutine in coroutines]:
        await task
    stop.cancel()
    return {
        'lost': await pump - line.get_n_granted(),
        'free': queue.is_empty() and not mutex.is_locked(),
        **_verdict(line, SEATS, n_rounds),
    }
