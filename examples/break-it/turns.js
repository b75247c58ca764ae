// SPDX-License-Identifier: LGPL-2.1-or-later
// The load and its observer: who asks, lets go and gives up in which turn of the main
// loop, and what came of it. They know nothing of the mutex but what its users know.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

const TURNS = 24;       // that are planned; then come those that nobody asks in
const QUIET = 4;        // turns without a holder, and nothing comes any more

/** xorshift32: the same numbers in every language. */
export class Random {
    constructor(seed) {
        this.state = seed;
    }

    next() {
        let x = this.state;
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        this.state = x >>> 0;
        return this.state;
    }
}

/** What is going to happen in a round, whatever the mutex. */
export function planRound(random) {
    return Array.from({length: TURNS}, () => {
        const r = random.next();
        const asks = Array.from({length: [0, 1, 1, 2][r & 3]}, () => {
            const q = random.next();
            return {patience: q & 1 ? 1 + (q >>> 1 & 7) : Infinity, fails: (q >>> 4 & 7) === 0};
        });
        return {asks, release: (r >>> 2 & 3) !== 0, cancelFirst: (r >>> 4 & 1) === 1};
    });
}

/** A turn is over when the main loop has nothing else to do. Who rested for an iteration
 * to let redraws through has had his turn in the next. */
async function settled() {
    for (let idle = 0; idle < 3; idle++) {
        await new Promise(resolve => GLib.idle_add(GLib.PRIORITY_LOW, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
    }
}

export class Round {
    constructor(mutex, number, tally) {
        this._mutex = mutex;
        this._number = number;
        this._tally = tally;
        this._clients = [];
        this._holders = [];
        this._now = 0;
        this._asleep = false;
    }

    async play(plan) {
        for (const turn of plan)
            await this._turn(turn);
        for (let quiet = 0; quiet < QUIET; quiet = this._holders.length ? 0 : quiet + 1)
            await this._turn({asks: [], release: true, cancelFirst: false});
        this._end();
    }

    // What is let go and who gives up was settled before this turn began: all of it meets
    // in one iteration of the main loop.
    async _turn({asks, release, cancelFirst}) {
        const holder = this._holders[0];
        const tired = this._clients.filter(c => c.state === 'waiting' && c.until === this._now);

        if (cancelFirst)
            this._giveUp(tired);
        if (holder && release)
            this._letGo(holder);
        if (!cancelFirst)
            this._giveUp(tired);
        asks.forEach(ask => this._ask(ask));
        await settled();
        this._observe();
        this._now++;
    }

    _ask({patience, fails}) {
        const client = {
            number: this._clients.length + 1,
            asked: this._now,
            until: this._now + patience,
            fails,
            cancellable: new Gio.Cancellable(),
            state: 'waiting',
        };
        this._clients.push(client);
        this._use(client).catch(() => this._failed(client));
    }

    async _use(client) {
        if (this._mutex.unlock) {
            await this._mutex.lock(client.cancellable);
            this._got(client, () => this._mutex.unlock());
        } else {
            await this._mutex.run(() => new Promise((resolve, reject) => {
                this._got(client, () => client.fails ? reject(new Error('No luck')) : resolve());
            }));
        }
    }

    _got(client, letGo) {
        this._tally.order += this._waiting().filter(c => c.number < client.number).length;
        this._tally.together += this._holders.length ? 1 : 0;
        this._waited(client);
        client.state = 'holding';
        client.letGo = letGo;
        this._holders.push(client);
    }

    _letGo(client) {
        this._holders.splice(this._holders.indexOf(client), 1);
        client.state = 'served';
        client.letGo();
    }

    _giveUp(clients) {
        clients.forEach(c => c.cancellable.cancel());
    }

    _failed(client) {
        if (client.state !== 'waiting')
            return;             // its own error, after it had the mutex
        this._waited(client);
        client.state = client.cancellable.is_cancelled() ? 'gave up' : 'refused';
    }

    _waited(client) {
        if (this._now - client.asked > this._tally.longest) {
            this._tally.longest = this._now - client.asked;
            this._tally.whose = `${this._number}/${client.number}`;
        }
    }

    _waiting() {
        return this._clients.filter(c => c.state === 'waiting' && !c.cancellable.is_cancelled());
    }

    _observe() {
        const asleep = !this._holders.length && !this._mutex.is_locked() && this._waiting().length;

        if (asleep && !this._asleep)
            this._tally.lost++;
        this._asleep = asleep;
    }

    _end() {
        const left = this._waiting();

        left.forEach(c => this._waited(c));
        this._tally.leaked += !this._holders.length && this._mutex.is_locked() ? 1 : 0;
        this._tally.refused += this._clients.filter(c => c.state === 'refused').length;
        this._tally.unserved += left.length;
        this._giveUp(this._clients);
    }
}
