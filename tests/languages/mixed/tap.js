// SPDX-License-Identifier: LGPL-2.1-or-later
// TAP, and what a test in JavaScript needs to see that nothing is left.

import GLib from 'gi://GLib';
import GcoPartner from 'gi://GcoPartner?version=1.0';
import System from 'system';

let nPoints = 0;
let nFailed = 0;

export function point(name, ok, detail = '') {
    nPoints++;
    nFailed += ok ? 0 : 1;
    print(`${ok ? 'ok' : 'not ok'} ${nPoints} - ${name}`);
    if (!ok)
        print(`# ${name}: ${detail}`);
}

export function end() {
    print(`1..${nPoints}`);
    System.exit(nFailed > 0 ? 1 : 0);
}

// Runs what is ready; in the promise, what was ready has run.
export function pass() {
    return new Promise(resolve => {
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

// A wrapper goes in one collection, the object behind it in the next iteration.
export async function collect(isDone) {
    for (let i = 0; i < 50 && !isDone(); i++) {
        System.gc();
        // eslint-disable-next-line no-await-in-loop
        await pass();
    }
    return isDone();
}

// What there is before a test, and is not to be more after it.
export class Balance {
    constructor() {
        this._nWatched = GcoPartner.get_n_watched();
        this._nRefs = GcoPartner.get_n_context_refs();
    }

    isKept() {
        return GcoPartner.get_n_watched() <= this._nWatched &&
            GcoPartner.get_n_coroutines() === 0 &&
            GcoPartner.get_n_context_refs() === this._nRefs;
    }

    toString() {
        return `${GcoPartner.get_n_watched() - this._nWatched} objects, ` +
            `${GcoPartner.get_n_coroutines()} coroutines, ` +
            `${GcoPartner.get_n_context_refs() - this._nRefs} references to the context`;
    }
}

// Whether nothing is left of what @play made. Code that the engine has compiled may keep
// the objects it saw last; but then those of a second time, instead of the first ones.
export async function leavesNothing(balance, play) {
    if (await collect(() => balance.isKept()))
        return true;
    const second = new Balance();
    await play();
    return collect(() => second.isKept());
}

export function run(main) {
    const loop = new GLib.MainLoop(null, false);
    main().catch(error => {
        print(`Bail out! ${error}\n${error.stack}`);
        System.exit(1);
    }).finally(() => loop.quit());
    loop.run();
    end();
}
