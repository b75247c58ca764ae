# SPDX-License-Identifier: LGPL-2.1-or-later
import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib

mutex = Gco.AsyncMutex()


async def visit(cancellable):
    try:
        await mutex.lock(cancellable)
    except GLib.Error as error:
        if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
            raise
        print('gave up')
    else:
        print('has it')
        mutex.unlock()


async def main():
    cancellable = Gio.Cancellable()
    await mutex.lock()
    visits = [Gco.spawn(visit(cancellable)), Gco.spawn(visit(None))]
    cancellable.cancel()
    await visits[0]
    mutex.unlock()
    await visits[1]
    print('locked' if mutex.is_locked() else 'not locked')


Gco.run(main())
