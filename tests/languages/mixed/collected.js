// SPDX-License-Identifier: LGPL-2.1-or-later
// What JavaScript lets go of while C still needs it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Gco from 'gi://Gco?version=1';
import GcoPartner from 'gi://GcoPartner?version=1.0';
import System from 'system';

import {Balance, collect, leavesNothing, pass, point, run} from './tap.js';

Gio._promisify(GcoPartner.Line.prototype, 'contend_async', 'contend_finish');

const N = 20;
const ctx = Gco.AioContext.get_default();

async function judge(name, playing) {
    const balance = new Balance();
    await playing();
    point(`${name}: nothing is left`, await leavesNothing(balance, playing), `${balance}`);
}

// Nobody keeps the lock but the waits for it: each takes it from the last one.
async function waitersAlone() {
    let nGot = 0;
    const begin = () => {
        const mutex = new Gco.AsyncMutex();
        GcoPartner.watch(mutex);
        for (let i = 0; i < N; i++) {
            mutex.lock_async(new Gio.Cancellable(), (source, result) => {
                source.lock_finish(result);
                nGot++;
                System.gc();
                source.unlock();
            });
            GcoPartner.Line.new(1, i).contend_async(mutex, 'C', 3, null);
        }
    };
    begin();
    System.gc();
    point('a lock that only its waiters keep', await collect(() => nGot === N), `${nGot} of ${N}`);
}

// Their callback is called, and does not fetch what it was granted.
async function forgetful() {
    const mutex = new Gco.AsyncMutex();
    GcoPartner.watch(mutex);
    let got = false;
    let nCalled = 0;
    mutex.trylock();
    for (let i = 0; i < N; i++)
        mutex.lock_async(null, () => nCalled++);
    mutex.lock_async(null, (source, result) => {
        got = source.lock_finish(result);
        source.unlock();
    });
    mutex.unlock();
    const isDone = await collect(() => got);
    point('what callbacks do not fetch goes on', isDone && nCalled === N, `${nCalled} of ${N}`);
}

async function visit(mutex, visits) {
    await mutex.lock();
    visits.push(true);
    mutex.unlock();
}

async function droppedPromises() {
    const mutex = new Gco.AsyncMutex();
    const visits = [];
    GcoPartner.watch(mutex);
    mutex.trylock();
    for (let i = 0; i < N; i++)
        visit(mutex, visits);
    System.gc();
    mutex.unlock();
    point('async functions that nobody awaits', await collect(() => visits.length === N),
        `${visits.length} of ${N}`);
}

async function droppedCancellables() {
    const queue = new Gco.AsyncWaitQueue();
    GcoPartner.watch(queue);
    let nCancelled = 0;
    for (let i = 0; i < N; i++) {
        const cancellable = new Gio.Cancellable();
        GcoPartner.watch(cancellable);
        queue.wait_async(null, cancellable, (source, result) => {
            try {
                source.wait_finish(result);
            } catch {
                nCancelled++;
            }
        });
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            cancellable.cancel();
            return GLib.SOURCE_REMOVE;
        });
        System.gc();
    }
    point('waits cancelled after a collection',
        await collect(() => nCancelled === N && queue.is_empty()), `${nCancelled} of ${N}`);
}

// What another thread schedules runs here, and what it held goes.
async function oneshots() {
    let nRan = 0;
    for (let i = 0; i < N; i++) {
        const held = new Gco.AsyncMutex();
        GcoPartner.watch(held);
        GcoPartner.schedule_from_thread(ctx, () => {
            nRan += held.is_locked() ? 0 : 1;
        });
        System.gc();
    }
    const nEarly = nRan;
    await pass();
    await pass();
    point('one-shots from another thread', nEarly === 0 && nRan === N, `${nEarly} ${nRan}`);
}

run(async () => {
    await judge('waiters', waitersAlone);
    await judge('callbacks', forgetful);
    await judge('promises', droppedPromises);
    await judge('cancellables', droppedCancellables);
    await judge('one-shots', oneshots);
});
