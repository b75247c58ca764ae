# SPDX-License-Identifier: LGPL-2.1-or-later
"""inside.py tell|call|yield: what a library must not do. outside.py looks at what comes of it."""

import sys

import tap  # noqa: F401

from gi.repository import Gco, GcoPartner


def called(*_):
    print('called', GcoPartner.is_inside(), flush=True)
    if sys.argv[1] == 'yield':
        GcoPartner.yield_here()


async def main():
    actor = GcoPartner.Actor()
    actor.connect('told', lambda _, what: print('told', what, GcoPartner.is_inside()))
    if sys.argv[1] == 'tell':
        await Gco.call_async(actor.tell_async, actor.tell_finish, False)
    else:
        await Gco.call_async(actor.call_inside_async, actor.call_inside_finish, called, ())
    print('went on')
    await Gco.call_async(actor.tell_async, actor.tell_finish, True)


Gco.run(main())
