// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import Gco from 'gi://Gco?version=1';

const mutex = new Gco.AsyncMutex();
const loop = new GLib.MainLoop(null, false);

async function visit(name) {
    await mutex.run(async () => {
        print(`${name} comes`);
        await new Promise(resolve => setTimeout(resolve, 0));
        print(`${name} goes`);
    });
}

Promise.all(['first', 'second', 'third'].map(visit))
    .catch(logError)
    .finally(() => loop.quit());
loop.run();
