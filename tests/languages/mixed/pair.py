# SPDX-License-Identifier: LGPL-2.1-or-later
"""Python, Vala and C in one line; told by run-pair.py when, and how many rounds."""

from tap import Balance, collect, run

import gi

gi.require_version('GcoMixed', '1.0')

from gi.repository import Gco, GcoMixed, Gio  # noqa: E402

from line import play  # noqa: E402


def sit_vala(line, lock, name, n_rounds):
    contender = GcoMixed.Contender.new(line, lock, name)
    return Gco.call_async(lambda cancellable, callback: contender.contend_async(n_rounds, callback),
                          contender.contend_finish)


async def answer(kind, n_rounds, seed):
    balance = Balance()
    found = await play(kind, n_rounds, seed, {'Vala 0': sit_vala, 'Vala 1': sit_vala})
    is_kept = await collect(balance.is_kept)
    return ', '.join([
        found['complaint'] or 'in order',
        'free' if found['free'] else 'locked',
        found['poor'] or 'shared',
        'nothing left' if is_kept and found['left'] == 0 else str(balance),
    ])


async def main():
    stdin = Gio.DataInputStream.new(Gio.UnixInputStream.new(0, False))
    while True:
        line, _ = await Gco.call_async(stdin.read_line_async, stdin.read_line_finish_utf8, 0)
        if line is None:
            return
        kind, n_rounds, seed = line.split()
        print(await answer(kind, int(n_rounds), int(seed)), flush=True)


run(main)
