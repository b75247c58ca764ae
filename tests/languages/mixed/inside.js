// SPDX-License-Identifier: LGPL-2.1-or-later
// inside.js tell|call: what a library must not do. outside.js looks at what comes of it.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GcoPartner from 'gi://GcoPartner?version=1.0';

const loop = new GLib.MainLoop(null, false);
const actor = new GcoPartner.Actor();

Gio._promisify(GcoPartner.Actor.prototype, 'tell_async', 'tell_finish');
Gio._promisify(GcoPartner.Actor.prototype, 'call_inside_async', 'call_inside_finish');

async function main() {
    actor.connect('told', (_, what) => print(`told ${what}`));
    if (ARGV[0] === 'tell')
        await actor.tell_async(false, null);
    else
        await actor.call_inside_async(() => print('called'), null);
    print('went on');
    await actor.tell_async(true, null);
    loop.quit();
}

main().catch(logError);
loop.run();
