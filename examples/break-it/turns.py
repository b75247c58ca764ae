# SPDX-License-Identifier: LGPL-2.1-or-later
"""The load and its observer: who asks, lets go and gives up in which turn of the main
loop, and what came of it. They know nothing of the mutex but what its users know."""

import dataclasses
import math

import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib  # noqa: E402

TURNS = 24      # that are planned; then come those that nobody asks in
QUIET = 4       # turns without a holder, and nothing comes any more
SLEEP = 2       # turns, for those who look now and then


class Random:
    """xorshift32: the same numbers in every language."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        x = self.state
        x ^= x << 13 & 0xffffffff
        x ^= x >> 17
        x ^= x << 5 & 0xffffffff
        self.state = x
        return x


@dataclasses.dataclass
class Turn:
    """What is going to happen, whatever the mutex."""
    patience: list = dataclasses.field(default_factory=list)    # of each who asks
    release: bool = True
    cancel_first: bool = False

    @classmethod
    def drawn(cls, random):
        r = random.next()
        asks = [random.next() for _ in range((0, 1, 1, 2)[r & 3])]
        return cls([1 + (q >> 1 & 7) if q & 1 else math.inf for q in asks],
                   r >> 2 & 3 != 0, r >> 4 & 1 != 0)


@dataclasses.dataclass
class Tally:
    """What was seen, over all rounds."""
    asks: int = 0
    order: int = 0
    together: int = 0
    lost: int = 0
    leaked: int = 0
    refused: int = 0
    unserved: int = 0
    longest: int = 0
    whose: str = '-'


@dataclasses.dataclass
class Client:
    number: int
    asked: int
    until: float
    state: str = 'waiting'
    cancellable: Gio.Cancellable = dataclasses.field(default_factory=Gio.Cancellable)

    def is_waiting(self):
        return self.state == 'waiting' and not self.cancellable.is_cancelled()


async def settled():
    """A turn is over when the main loop has nothing else to do. Who rested for an iteration
    to let redraws through has had his turn in the next."""
    def start(cancellable, callback):
        GLib.idle_add(callback, None, True, priority=GLib.PRIORITY_LOW)

    for _ in range(3):
        await Gco.call_async(start, lambda result: None)


class Round:
    def __init__(self, make_mutex, number, tally):
        self._mutex = make_mutex(self)
        self._number = number
        self._tally = tally
        self._clients = []
        self._holders = []
        self._sleeping = []
        self._now = 0
        self._asleep = False

    async def play(self, plan):
        for turn in plan:
            await self._play(turn)
        quiet = 0
        while quiet < QUIET:
            await self._play(Turn())
            quiet = 0 if self._holders else quiet + 1
        self._end()

    async def sleep(self):
        def start(cancellable, callback):
            self._sleeping.append((self._now + SLEEP, callback))

        await Gco.call_async(start, lambda result: None)

    async def _play(self, turn):
        """What is let go and who gives up was settled before this turn began: all of it
        meets in one iteration of the main loop."""
        holder = self._holders[0] if self._holders else None
        tired = [c for c in self._clients if c.state == 'waiting' and c.until == self._now]

        self._ring()
        if turn.cancel_first:
            self._give_up(tired)
        if holder and turn.release:
            self._let_go(holder)
        if not turn.cancel_first:
            self._give_up(tired)
        for patience in turn.patience:
            self._ask(patience)
        await settled()
        self._observe()
        self._now += 1

    def _ring(self):
        due = [callback for turn, callback in self._sleeping if turn <= self._now]
        self._sleeping = [s for s in self._sleeping if s[0] > self._now]
        for callback in due:
            GLib.idle_add(callback, None, True)

    def _ask(self, patience):
        client = Client(len(self._clients) + 1, self._now, self._now + patience)
        self._clients.append(client)
        self._tally.asks += 1
        Gco.spawn(self._use(client))

    async def _use(self, client):
        try:
            await self._mutex.lock(client.cancellable)
        except GLib.Error:
            self._waited(client)
            client.state = 'gave up' if client.cancellable.is_cancelled() else 'refused'
        else:
            self._got(client)

    def _got(self, client):
        self._tally.order += sum(c.is_waiting() for c in self._clients[:client.number - 1])
        self._tally.together += bool(self._holders)
        self._waited(client)
        client.state = 'holding'
        self._holders.append(client)

    def _let_go(self, client):
        self._holders.remove(client)
        client.state = 'served'
        self._mutex.unlock()

    @staticmethod
    def _give_up(clients):
        for client in clients:
            client.cancellable.cancel()

    def _waited(self, client):
        if self._now - client.asked > self._tally.longest:
            self._tally.longest = self._now - client.asked
            self._tally.whose = f'{self._number}/{client.number}'

    def _observe(self):
        asleep = (not self._holders and not self._mutex.is_locked() and
                  any(c.is_waiting() for c in self._clients))
        self._tally.lost += asleep and not self._asleep
        self._asleep = asleep

    def _end(self):
        left = [c for c in self._clients if c.is_waiting()]

        for client in left:
            self._waited(client)
        self._tally.leaked += not self._holders and self._mutex.is_locked()
        self._tally.refused += sum(c.state == 'refused' for c in self._clients)
        self._tally.unserved += len(left)
        self._give_up(self._clients)
