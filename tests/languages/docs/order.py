# SPDX-License-Identifier: LGPL-2.1-or-later
import gi

gi.require_version('Gco', '1')
from gi.repository import Gco

mutex = Gco.AsyncMutex()


async def visit(name):
    async with mutex:
        print(name, 'comes')
        await Gco.sleep(0)
        print(name, 'goes')


async def main():
    for task in [Gco.spawn(visit(name)) for name in ('first', 'second', 'third')]:
        await task


Gco.run(main())
