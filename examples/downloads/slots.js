// SPDX-License-Identifier: LGPL-2.1-or-later
// How many downloads run at once. A semaphore has the permits it was made with: these are MAX,
// and those that nobody may have are kept here.
import {Gco} from './gi.js';

export const MAX = 10;

export class Slots {
    constructor(size) {
        this._semaphore = new Gco.AsyncSemaphore({n_permits: MAX});
        this._kept = this._used = 0;
        this.resize(size);
    }

    // Who stood in line for the surplus would let all go first who wait already. So whoever is
    // done next leaves his permit here, and nobody is stopped in the middle.
    resize(size) {
        this._surplus = MAX - size;
        while (this._kept < this._surplus && this._semaphore.tryacquire())
            this._kept++;
        for (; this._kept > this._surplus; this._kept--)
            this._semaphore.release();
    }

    // Neither free nor used nor kept: on its way to one who waits, or lost.
    get missing() {
        return MAX - this._semaphore.get_n_free() - this._used - this._kept;
    }

    // Not run() of the semaphore, which would let go of the permit in any case.
    async run(func, cancellable) {
        await this._semaphore.acquire(cancellable);
        this._used++;
        try {
            return await func();
        } finally {
            this._used--;
            this._kept++;
            this.resize(MAX - this._surplus);
        }
    }
}
