// SPDX-License-Identifier: LGPL-2.1-or-later
// JavaScript, Vala and C in one line; told by run-pair.py when, and how many rounds.

import Gio from 'gi://Gio';
import GcoMixed from 'gi://GcoMixed?version=1.0';

import {play} from './line.js';
import {Balance, leavesNothing, run} from './tap.js';

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
Gio._promisify(GcoMixed.Contender.prototype, 'contend_async', 'contend_finish');

const sitVala = (line, lock, name, nRounds) =>
    GcoMixed.Contender.new(line, lock, name).contend_async(nRounds);

async function answer(kind, nRounds, seed) {
    const balance = new Balance();
    const vala = {'Vala 0': sitVala, 'Vala 1': sitVala};
    const found = await play(kind, nRounds, seed, vala);
    const isKept = await leavesNothing(balance, () => play(kind, nRounds, seed, vala));
    return [
        found.complaint || 'in order',
        found.free ? 'free' : 'locked',
        found.poor || 'shared',
        isKept && found.left === 0 ? 'nothing left' : `${balance}`,
    ].join(', ');
}

run(async () => {
    const stdin = new Gio.DataInputStream({
        base_stream: new Gio.UnixInputStream({fd: 0, close_fd: false}),
    });
    for (;;) {
        const [line] = await stdin.read_line_async(0, null);
        if (line === null)
            return;
        const [kind, nRounds, seed] = line.split(' ');
        print(await answer(kind, Number(nRounds), Number(seed)));
    }
});
