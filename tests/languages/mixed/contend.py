# SPDX-License-Identifier: LGPL-2.1-or-later
"""C coroutines and Python in one line for each lock."""

from tap import Balance, DIVISOR, SEED, collect, point, run

from line import play, play_queue

# Fewer would leave some without a turn, and nobody cancelled.
FEW = 1000


async def judge(name, n_rounds, playing):
    balance = Balance()
    found = await playing(n_rounds)
    point(f"{name}: {n_rounds} rounds in order, {found['n_cancelled']} cancelled",
          not found['complaint'] and found['n_cancelled'] > 0, found['complaint'])
    point(f'{name}: everybody had a share', not found['poor'], found['poor'])
    point(f'{name}: free, and nobody there', found['free'] and found['left'] == 0, found['left'])
    if 'lost' in found:
        point(f'{name}: no wake-up was lost', found['lost'] == 0, found['lost'])
    kept = await collect(balance.is_kept)
    point(f'{name}: nothing is left', kept, balance)


async def main():
    print(f'# GCO_MIXED_SEED={SEED}')
    await judge('mutex', max(10000 // DIVISOR, FEW), lambda n: play('mutex', n, SEED))
    await judge('rwlock', FEW, lambda n: play('rwlock', n, SEED))
    await judge('semaphore', FEW, lambda n: play('semaphore', n, SEED))
    await judge('wait queue', FEW, lambda n: play_queue(n, SEED))


run(main)
