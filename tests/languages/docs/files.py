# SPDX-License-Identifier: LGPL-2.1-or-later
import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib

limit = Gco.AsyncSemaphore(n_permits=2)


async def size(path):
    file = Gio.File.new_for_path(path)
    async with limit:
        _, contents, _ = await Gco.call_async(file.load_contents_async,
                                              file.load_contents_finish)
    return len(contents)


async def main():
    for task in [Gco.spawn(size(path)) for path in ('/dev/null', '/nonexistent')]:
        try:
            print(await task, 'bytes')
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND):
                raise
            print('not there')


Gco.run(main())
