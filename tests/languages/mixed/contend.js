// SPDX-License-Identifier: LGPL-2.1-or-later
// C coroutines and JavaScript in one line for each lock.

import GLib from 'gi://GLib';

import {play, playQueue} from './line.js';
import {Balance, leavesNothing, point, run} from './tap.js';

const seed = Number(GLib.getenv('GCO_MIXED_SEED') ?? GLib.random_int() >>> 1);
const divisor = Number(GLib.getenv('GCO_TEST_DIVISOR') ?? 1);
// Fewer would leave some without a turn, and nobody cancelled.
const FEW = 1000;

async function judge(name, nRounds, playing) {
    const balance = new Balance();
    const found = await playing(nRounds);
    point(`${name}: ${nRounds} rounds in order, ${found.nCancelled} cancelled`,
        found.complaint === '' && found.nCancelled > 0, found.complaint);
    point(`${name}: everybody had a share`, found.poor === '', found.poor);
    point(`${name}: free, and nobody there`, found.free && found.left === 0, `${found.left}`);
    if ('lost' in found)
        point(`${name}: no wake-up was lost`, found.lost === 0, `${found.lost}`);
    const isKept = await leavesNothing(balance, () => playing(FEW));
    point(`${name}: nothing is left`, isKept, `${balance}`);
}

run(async () => {
    print(`# GCO_MIXED_SEED=${seed}`);
    await judge('mutex', Math.max(10000 / divisor, FEW), n => play('mutex', n, seed));
    await judge('rwlock', FEW, n => play('rwlock', n, seed));
    await judge('semaphore', FEW, n => play('semaphore', n, seed));
    await judge('wait queue', FEW, n => playQueue(n, seed));
});
