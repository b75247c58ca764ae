# SPDX-License-Identifier: LGPL-2.1-or-later
"""exit.py HOW LOCK: ends in the middle of something. run-exits.py looks at how that ends."""

import sys

import tap  # noqa: F401

from gi.repository import Gco, GcoPartner, Gio, GLib

LOCKS = {
    'mutex': (Gco.AsyncMutex, lambda lock, c: lock.lock(c), lambda lock: lock.unlock()),
    'rwlock': (Gco.AsyncRwlock, lambda lock, c: lock.wrlock(c), lambda lock: lock.unlock()),
    'semaphore': (lambda: Gco.AsyncSemaphore.new(1), lambda lock, c: lock.acquire(c),
                  lambda lock: lock.release()),
    'queue': (Gco.AsyncWaitQueue, lambda lock, c: lock.wait(None, c), lambda lock: lock.next()),
}

# What a program would keep, too.
kept = []


def drain():
    while GLib.MainContext.default().iteration(False):
        pass


def wait_for(take, lock, cancellable=None):
    kept.append(Gco.spawn(take(lock, cancellable)))
    drain()


def holding(lock, take, let_go):
    """What this program holds, it and C wait for."""
    wait_for(take, lock)
    wait_for(take, lock)
    GcoPartner.wait(lock)
    wait_for(take, lock, Gio.Cancellable())


def waiting(lock, take, let_go):
    """What a coroutine holds, this program and C wait for."""
    GcoPartner.hold(lock)
    drain()
    wait_for(take, lock)
    GcoPartner.wait(lock)
    wait_for(take, lock, Gio.Cancellable())


def granted(lock, take, let_go):
    """It was handed over, and waits were cancelled; nobody knows yet."""
    cancellable = Gio.Cancellable()
    for c in None, None, cancellable, None:
        wait_for(take, lock, c)
    GcoPartner.wait(lock)
    let_go(lock)
    cancellable.cancel()
    kept[-1].cancel()


def leaving(lock, take, let_go):
    """In a coroutine, with others behind."""
    async def leave():
        Gco.spawn(take(lock, None))
        await Gco.sleep(0)
        let_go(lock)
        print('ready')
        sys.exit(0)

    wait_for(take, lock)
    Gco.run(leave())


def oneshots(lock, take, let_go):
    ctx = Gco.AioContext.get_default()
    ctx.schedule_oneshot(lambda: print('called'))
    GcoPartner.schedule_from_thread(ctx, lambda: print('called'))


def playing(lock, take, let_go):
    mutex, line = Gco.AsyncMutex(), GcoPartner.Line.new(1, 1)
    for name in 'C 0', 'C 1':
        line.contend_async(mutex, name, 1000, None, lambda *_: print('called'))
    for _ in range(5):
        GLib.MainContext.default().iteration(False)


def main():
    how, what = sys.argv[1:]
    make, take, let_go = LOCKS.get(what, (lambda: None, None, None))
    globals()[how](make(), take, let_go)
    print('ready')


main()
