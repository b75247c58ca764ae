// SPDX-License-Identifier: LGPL-2.1-or-later
// The mutexes that people write by hand, beside Gco.AsyncMutex, under the same load.

import System from 'system';

import Gco from 'gi://Gco?version=1';

import {ChainMutex, StackMutex, TaskMutex, WakeMutex} from './mutexes.js';
import {planRound, Random, Round} from './turns.js';

const KINDS = {
    'Gco.AsyncMutex': Gco.AsyncMutex,
    'waiter stack': StackMutex,
    'flag and wake': WakeMutex,
    'GTask queue': TaskMutex,
    'promise chain': ChainMutex,
};

function options(words) {
    const given = {seed: 1, rounds: 100};

    for (let i = 0; i < words.length; i += 2) {
        const name = words[i].replace(/^--/, '');
        const value = Number(words[i + 1]);
        if (!words[i].startsWith('--') || !Object.hasOwn(given, name) ||
            !Number.isInteger(value) || value < 1 || value > 0xffffffff) {
            printerr('usage: break-it.js [--seed N] [--rounds N], each from 1 to 4294967295');
            System.exit(2);
        }
        given[name] = value;
    }
    return given;
}

function verdict(tally) {
    const words = {
        order: 'unfair',
        together: 'lets two in',
        lost: 'sleeps',
        leaked: 'leaks',
        refused: 'refuses',
    };
    return Object.keys(words).filter(key => tally[key]).map(key => words[key]).join(', ') ||
        'correct';
}

function row(name, tally) {
    const cells = [
        `  ${name}`.padEnd(16),
        `${tally.order}`.padStart(7),
        `${tally.together}`.padStart(6),
        `${tally.lost}`.padStart(6),
        `${tally.leaked}`.padStart(7),
        `${tally.longest}`.padStart(5),
        ` by ${tally.whose}`.padEnd(10),
        `${tally.unserved + tally.refused}`.padStart(6),
        `  ${verdict(tally)}`,
    ];
    return cells.join('');
}

async function measure(Mutex, {seed, rounds}) {
    const random = new Random(seed);
    const tally = {order: 0, together: 0, lost: 0, leaked: 0, refused: 0, unserved: 0,
        longest: 0, whose: '-', asks: 0};

    for (let number = 1; number <= rounds; number++) {
        const plan = planRound(random);
        tally.asks += plan.reduce((sum, turn) => sum + turn.asks.length, 0);
        await new Round(new Mutex(), number, tally).play(plan);
    }
    tally.schedule = random.state.toString(16).padStart(8, '0');
    return tally;
}

const given = options(System.programArgs);
const rows = [];
let tally;
for (const [name, Mutex] of Object.entries(KINDS)) {
    tally = await measure(Mutex, given);
    rows.push(row(name, tally));
}

print(`seed ${given.seed}, ${given.rounds} rounds, ${tally.asks} asks, schedule ${tally.schedule}`);
print('');
print('                  order   two wakes  locks   longest wait   not');
print('                 broken    in  lost leaked  turns by who served  verdict');
print('JavaScript');
rows.forEach(r => print(r));
