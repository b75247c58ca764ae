// SPDX-License-Identifier: LGPL-2.1-or-later
// exit.js HOW LOCK: ends in the middle of something. run-exits.py looks at how that ends.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Gco from 'gi://Gco?version=1';
import GcoPartner from 'gi://GcoPartner?version=1.0';
import System from 'system';

Gio._promisify(GcoPartner.Line.prototype, 'contend_async', 'contend_finish');

const locks = {
    mutex: [() => new Gco.AsyncMutex(), (lock, c) => lock.lock(c), lock => lock.unlock()],
    rwlock: [() => new Gco.AsyncRwlock(), (lock, c) => lock.wrlock(c), lock => lock.unlock()],
    semaphore: [() => Gco.AsyncSemaphore.new(1), (lock, c) => lock.acquire(c),
        lock => lock.release()],
    queue: [() => new Gco.AsyncWaitQueue(), (lock, c) => lock.wait(null, c),
        lock => lock.next()],
};

function drain() {
    while (GLib.MainContext.default().iteration(false))
        ;
}

async function waitFor(take, lock, cancellable = null) {
    try {
        await take(lock, cancellable);
    } catch (error) {
        logError(error);
    }
}

const ways = {
    // What this program holds, it and C wait for.
    holding(lock, take) {
        waitFor(take, lock);
        drain();
        waitFor(take, lock);
        GcoPartner.wait(lock);
        waitFor(take, lock, new Gio.Cancellable());
        drain();
    },

    // What a coroutine holds, this program and C wait for.
    waiting(lock, take) {
        GcoPartner.hold(lock);
        drain();
        waitFor(take, lock);
        GcoPartner.wait(lock);
        waitFor(take, lock, new Gio.Cancellable());
        drain();
    },

    // It was handed over, and one wait was cancelled; nobody knows yet.
    granted(lock, take, letGo) {
        waitFor(take, lock);
        drain();
        const cancellable = new Gio.Cancellable();
        waitFor(take, lock);
        waitFor(take, lock, cancellable);
        GcoPartner.wait(lock);
        letGo(lock);
        cancellable.cancel();
    },

    // In a callback, with others behind. (In a promise GJS 1.74 never ends.)
    leaving(lock, take) {
        lock.lock_async(null, (source, result) => {
            lock.lock_finish(result);
            print('ready');
            System.exit(0);
        });
        waitFor(take, lock);
        drain();
    },

    oneshots() {
        const ctx = Gco.AioContext.get_default();
        ctx.schedule_oneshot(() => print('called'));
        GcoPartner.schedule_from_thread(ctx, () => print('called'));
    },

    playing() {
        const lock = new Gco.AsyncMutex();
        const line = GcoPartner.Line.new(1, 1);
        line.contend_async(lock, 'C 0', 1000, null);
        line.contend_async(lock, 'C 1', 1000, null);
        for (let i = 0; i < 5; i++)
            GLib.MainContext.default().iteration(false);
    },
};

const [how, what] = ARGV;
const [make, take, letGo] = locks[what] ?? [() => null];
ways[how](make(), take, letGo);
print('ready');
