// SPDX-License-Identifier: LGPL-2.1-or-later
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Gco from 'gi://Gco?version=1';

const mutex = new Gco.AsyncMutex();
const loop = new GLib.MainLoop(null, false);

async function visit(cancellable) {
    try {
        await mutex.run(() => print('has it'), cancellable);
    } catch (error) {
        if (!error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
            throw error;
        print('gave up');
    }
}

async function main() {
    const cancellable = new Gio.Cancellable();
    await mutex.lock();
    const visits = [visit(cancellable), visit(null)];
    cancellable.cancel();
    await visits[0];
    mutex.unlock();
    await visits[1];
    print(mutex.is_locked() ? 'locked' : 'not locked');
}

main().catch(logError).finally(() => loop.quit());
loop.run();
