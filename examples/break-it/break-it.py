#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The mutexes that people write by hand, beside Gco.AsyncMutex, under the same load."""

import argparse

import gi

gi.require_version('Gco', '1')
from gi.repository import Gco  # noqa: E402

import mutexes  # noqa: E402
from turns import Random, Round, Tally, Turn, TURNS  # noqa: E402

KINDS = {
    'Gco.AsyncMutex': lambda world: Gco.AsyncMutex(),
    'waiter stack': lambda world: mutexes.StackMutex(),
    'flag and wake': lambda world: mutexes.WakeMutex(),
    'GTask queue': lambda world: mutexes.TaskMutex(),
    'flag and poll': lambda world: mutexes.PollMutex(world.sleep),
}

HEADING = '''seed {seed}, {rounds} rounds, {asks} asks, schedule {state:08x}

                  order   two wakes  locks   longest wait   not
                 broken    in  lost leaked  turns by who served  verdict
Python'''


def number(word):
    value = int(word)
    if not 1 <= value <= 0xffffffff:
        raise ValueError
    return value


def verdict(tally):
    words = {'order': 'unfair', 'together': 'lets two in', 'lost': 'sleeps',
             'leaked': 'leaks', 'refused': 'refuses'}
    return ', '.join(words[key] for key in words if getattr(tally, key)) or 'correct'


def row(name, tally):
    return (f'  {name:14}{tally.order:7}{tally.together:6}{tally.lost:6}{tally.leaked:7}'
            f'{tally.longest:5} by {tally.whose:6}{tally.unserved + tally.refused:6}  '
            f'{verdict(tally)}')


async def compare(seed, rounds):
    rows = []
    for name, make_mutex in KINDS.items():
        random = Random(seed)
        tally = Tally()
        for i in range(1, rounds + 1):
            plan = [Turn.drawn(random) for _ in range(TURNS)]
            await Round(make_mutex, i, tally).play(plan)
        rows.append(row(name, tally))
    print(HEADING.format(seed=seed, rounds=rounds, asks=tally.asks, state=random.state))
    print('\n'.join(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=number, default=1, help='where the random numbers begin')
    parser.add_argument('--rounds', type=number, default=100, help='each with a new mutex')
    Gco.run(compare(**vars(parser.parse_args())))


if __name__ == '__main__':
    main()
