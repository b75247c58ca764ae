// SPDX-License-Identifier: LGPL-2.1-or-later
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Gco from 'gi://Gco?version=1';

Gio._promisify(Gio.File.prototype, 'load_contents_async');

const limit = new Gco.AsyncSemaphore({n_permits: 2});
const loop = new GLib.MainLoop(null, false);

async function size(path) {
    const file = Gio.File.new_for_path(path);
    const [contents] = await limit.run(() => file.load_contents_async(null));
    return contents.length;
}

async function main() {
    const sizes = ['/dev/null', '/nonexistent'].map(size);
    for (const result of await Promise.allSettled(sizes)) {
        if (result.status === 'fulfilled')
            print(`${result.value} bytes`);
        else if (result.reason.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND))
            print('not there');
        else
            throw result.reason;
    }
}

main().catch(logError).finally(() => loop.quit());
loop.run();
