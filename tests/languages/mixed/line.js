// SPDX-License-Identifier: LGPL-2.1-or-later
// Waiters in JavaScript, beside coroutines in C.

import Gio from 'gi://Gio';
import Gco from 'gi://Gco?version=1';
import GcoPartner from 'gi://GcoPartner?version=1.0';

import {pass} from './tap.js';

for (const name of ['contend', 'queue', 'pump'])
    Gio._promisify(GcoPartner.Line.prototype, `${name}_async`, `${name}_finish`);

const EVERYBODY = 1 << 20;

export const kinds = {
    mutex: {
        capacity: 1,
        make: () => new Gco.AsyncMutex(),
        take: (lock, exclusive, cancellable) => lock.lock(cancellable),
        letGo: lock => lock.unlock(),
        isFree: lock => !lock.is_locked(),
    },
    rwlock: {
        capacity: EVERYBODY,
        make: () => new Gco.AsyncRwlock(),
        take: (lock, exclusive, cancellable) =>
            exclusive ? lock.wrlock(cancellable) : lock.rdlock(cancellable),
        letGo: lock => lock.unlock(),
        isFree: lock => lock.trywrlock() && lock.unlock(),
    },
    semaphore: {
        capacity: 3,
        make: () => Gco.AsyncSemaphore.new(3),
        take: (lock, exclusive, cancellable) => lock.acquire(cancellable),
        letGo: lock => lock.release(),
        isFree: lock => lock.get_n_free() === 3,
    },
    queue: {capacity: 1},
};

// A wait that may be cancelled: null, or the ticket. It is given no closure: the engine's
// inline caches would keep the first one, and with it the lock.
async function wait(line, kind, lock, name, exclusive, mutex = null) {
    const cancellable = line.toss(3) > 0 ? new Gio.Cancellable() : null;
    const {capacity, take} = kinds[kind];
    const ticket = line.ask(name, exclusive ? capacity : 1, cancellable);
    try {
        if (mutex !== null)
            await lock.wait(mutex, cancellable);
        else
            await take(lock, exclusive, cancellable);
    } catch (error) {
        if (!error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
            throw error;
        line.gave_up(ticket);
        return null;
    }
    line.got(ticket);
    line.disturb();
    return ticket;
}

async function change(line, lock, name, ticket, exclusive) {
    if (!(lock instanceof Gco.AsyncRwlock) || line.toss(4) > 0)
        return ticket;
    if (exclusive) {
        line.downgrade(ticket, 1);
        lock.downgrade();
        return ticket;
    }
    line.give_back(ticket);
    ticket = line.ask(name, EVERYBODY, null);
    await lock.upgrade();
    line.got(ticket);
    return ticket;
}

async function round(line, kind, lock, name) {
    const exclusive = kind === 'rwlock' && line.toss(3) === 0;
    let ticket = await wait(line, kind, lock, name, exclusive);
    if (ticket === null)
        return;
    if (line.toss(4) === 0)
        await pass();
    ticket = await change(line, lock, name, ticket, exclusive);
    line.give_back(ticket);
    kinds[kind].letGo(lock);
}

export async function contend(line, kind, lock, name, nRounds) {
    while (line.get_n_granted() < nRounds) {
        await round(line, kind, lock, name);
        if (line.toss(16) === 0)
            await pass();
    }
}

async function contendQueue(line, queue, mutex, name, nRounds) {
    while (line.get_n_granted() < nRounds) {
        await mutex.lock();
        const ticket = await wait(line, 'queue', queue, name, true, mutex);
        if (ticket !== null)
            line.give_back(ticket);
        mutex.unlock();
    }
}

function verdict(line, seats, nRounds) {
    // those that sleep between two turns come round more rarely
    const share = nRounds / seats.length / 50;
    const poor = seats.filter(name => line.get_n_granted_to(name) < share);
    return {
        nCancelled: line.get_n_cancelled(),
        complaint: line.dup_complaint(),
        left: line.get_n_there(),
        poor: poor.map(name => `${name} ${line.get_n_granted_to(name)}`).join(', '),
    };
}

const SEATS = ['C 0', 'JS 0', 'C 1', 'JS 1', 'C 2', 'JS 2', 'C 3', 'JS 3'];

// @others: more of them, each a function of (line, lock, name, nRounds), by name.
export async function play(kind, nRounds, seed, others = {}) {
    const {capacity, make, isFree} = kinds[kind];
    const lock = make();
    const line = GcoPartner.Line.new(capacity, seed);
    GcoPartner.watch(lock);
    GcoPartner.watch(line);
    await Promise.all([
        ...SEATS.map(name => name.startsWith('C')
            ? line.contend_async(lock, name, nRounds, null)
            : contend(line, kind, lock, name, nRounds)),
        ...Object.keys(others).map(name => others[name](line, lock, name, nRounds)),
    ]);
    // Those that were abandoned are given it, and give it back.
    for (let i = 0; i < 3; i++)
        await pass();
    return {free: isFree(lock), ...verdict(line, [...SEATS, ...Object.keys(others)], nRounds)};
}

export async function playQueue(nRounds, seed) {
    const queue = new Gco.AsyncWaitQueue();
    const mutex = new Gco.AsyncMutex();
    const line = GcoPartner.Line.new(1, seed);
    [queue, mutex, line].forEach(object => GcoPartner.watch(object));
    const stop = new Gio.Cancellable();
    const pump = line.pump_async(queue, stop);
    await Promise.all(SEATS.map(name => name.startsWith('C')
        ? line.queue_async(queue, mutex, name, nRounds, null)
        : contendQueue(line, queue, mutex, name, nRounds)));
    stop.cancel();
    return {
        lost: await pump - line.get_n_granted(),
        free: queue.is_empty() && !mutex.is_locked(),
        ...verdict(line, SEATS, nRounds),
    };
}
