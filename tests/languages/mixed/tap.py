# SPDX-License-Identifier: LGPL-2.1-or-later
"""TAP, and what a test in Python needs to see that nothing is left."""

import gc
import os
import sys
import traceback

import gi

gi.require_version('Gco', '1')
gi.require_version('GcoPartner', '1.0')

from gi.repository import Gco, GcoPartner, GLib  # noqa: E402

SEED = int(os.environ.get('GCO_MIXED_SEED', GLib.random_int() >> 1))
DIVISOR = int(os.environ.get('GCO_TEST_DIVISOR', 1))


class _Points:
    seen = failed = 0


def point(name, good, detail=''):
    _Points.seen += 1
    _Points.failed += not good
    print('ok' if good else 'not ok', _Points.seen, '-', name)
    if not good:
        print(f'# {name}: {detail}')


async def collect(is_done):
    """A wrapper goes in one collection, the object behind it in the next iteration."""
    for _ in range(50):
        if is_done():
            break
        gc.collect()
        await Gco.sleep(0)
    return is_done()


class Balance:
    """What there is before a test, and is to be there after it."""

    def __init__(self):
        self._n_refs = GcoPartner.get_n_context_refs()

    def _left(self):
        return (GcoPartner.get_n_watched(), GcoPartner.get_n_coroutines(),
                GcoPartner.get_n_context_refs() - self._n_refs)

    def is_kept(self):
        return self._left() == (0, 0, 0)

    def __str__(self):
        return '%d objects, %d coroutines, %d references to the context' % self._left()


def run(main):
    try:
        Gco.run(main())
    except Exception:
        traceback.print_exc()
        print('Bail out!')
        sys.exit(1)
    print(f'1..{_Points.seen}')
    sys.exit(_Points.failed > 0)
