// SPDX-License-Identifier: LGPL-2.1-or-later
// Coroutines that meet JavaScript: on the thread's own stack, and on theirs.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GcoPartner from 'gi://GcoPartner?version=1.0';

import {Balance, leavesNothing, point, run} from './tap.js';

for (const name of ['tell', 'fetch'])
    Gio._promisify(GcoPartner.Actor.prototype, `${name}_async`, `${name}_finish`);
Gio._promisify(Gio.Subprocess.prototype, 'communicate_utf8_async', 'communicate_utf8_finish');

const HERE = GLib.path_get_dirname(GLib.filename_from_uri(import.meta.url)[0]);

function watchedActor() {
    const actor = new GcoPartner.Actor();
    GcoPartner.watch(actor);
    return actor;
}

async function tellOutside() {
    const told = [];
    const actor = watchedActor();
    actor.connect('told', (_, what) => told.push([what, GcoPartner.is_inside()]));
    for (let i = 0; i < 100; i++)
        await actor.tell_async(true, null);
    point('a signal through call_outside', told.length === 100 &&
        told.every(([what, isInside]) => what === 'outside' && !isInside), `${told[0]}`);
}

async function error(key, cancellable = null) {
    try {
        return await watchedActor().fetch_async(key, cancellable);
    } catch (e) {
        return e;
    }
}

async function fetch() {
    point('an operation succeeds', await error('you') === 'hello you');
    const failed = await error('fail');
    point('an operation fails', failed.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND) &&
        failed.message === 'There is no fail', failed);
    const cancellable = new Gio.Cancellable();
    const pending = error('never', cancellable);
    GLib.idle_add(GLib.PRIORITY_LOW, () => {
        cancellable.cancel();
        return GLib.SOURCE_REMOVE;
    });
    const cancelled = await pending;
    point('an operation is cancelled',
        cancelled.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), cancelled);
}

// GJS finds that it is not on the stack that it knows: it does not call, and says
// "too much recursion". Nothing is lost but the call.
async function inside(how) {
    const launcher = Gio.SubprocessLauncher.new(
        Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_PIPE);
    launcher.unsetenv('G_DEBUG');
    const child = launcher.spawnv(['gjs', '-m', `${HERE}/inside.js`, how]);
    const [out, complaints] = await child.communicate_utf8_async(null, null);
    point(`what runs inside (${how}) is refused, and no more`,
        child.get_if_exited() && child.get_exit_status() === 0 &&
        out === 'went on\ntold outside\n' && complaints.includes('too much recursion'),
        JSON.stringify([out, complaints]));
}

async function judge(playing) {
    const balance = new Balance();
    await playing();
    point(`${playing.name}: nothing is left`, await leavesNothing(balance, playing), `${balance}`);
}

run(async () => {
    await judge(tellOutside);
    await judge(fetch);
    await inside('tell');
    await inside('call');
});
