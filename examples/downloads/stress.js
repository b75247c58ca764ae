// SPDX-License-Identifier: LGPL-2.1-or-later
// Waits for a slot and for the resume file, among the real ones, and cancels them: while they
// wait, just when they are over, and too late.
import System from 'system';
import {Gio} from './gi.js';

const CANCELS = 1000;
const WITHIN_MS = 200;
const PATIENCE_MS = 10000;

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

async function wait(line, ticket) {
    const cancellable = new Gio.Cancellable();
    const cancelled = sleep(Math.random() * WITHIN_MS).then(() => cancellable.cancel());
    await Promise.allSettled([cancelled, line.lock.run(() => {
        line.isOrdered &&= ticket > line.last;
        line.last = ticket;
        return ticket % 4 ? null : sleep(0);
    }, cancellable)]);
}

export async function stress(slots, mutex) {
    const lines = [slots, mutex].map(lock => ({lock, last: -1, isOrdered: true}));
    await Promise.all(Array.from({length: CANCELS}, (_, i) => wait(lines[i % 2], i)));
    const isFree = await Promise.race([mutex.run(() => true), sleep(PATIENCE_MS)]);
    for (let ms = 0; slots.missing > 0 && ms < PATIENCE_MS; ms += 10)
        await sleep(10); // a permit is on its way to a download
    // GJS 1.74 drops what is called back between two slices of a collection: here is none
    System.gc();
    const leaked = slots.missing + (isFree ? 0 : 1);
    const order = lines.every(line => line.isOrdered) ? 'order kept' : 'order lost';
    return `${CANCELS.toLocaleString('en')} cancels, ${leaked} locks leaked, ${order}`;
}
