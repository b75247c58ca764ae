#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""run-pair GJS PYTHON: two processes, one of JavaScript, Vala and C and one of Python,
Vala and C, play the same games at the same time, and must come to the same verdict."""

import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DIVISOR = int(os.environ.get('GCO_TEST_DIVISOR', 1))
SEED = int(os.environ.get('GCO_MIXED_SEED', random.getrandbits(31)))
GOOD = 'in order, free, shared, nothing left'
GAMES = [('mutex', max(2000 // DIVISOR, 1000))] * 5 + [('rwlock', 1000), ('semaphore', 1000)]


def main():
    gjs, python = sys.argv[1:]
    pair = {
        name: subprocess.Popen(command, cwd=HERE, text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name, command in {'JavaScript, Vala and C': [gjs, '-m', 'pair.js'],
                              'Python, Vala and C': [python, 'pair.py']}.items()}
    n_points = n_failed = 0

    def point(name, good, detail):
        nonlocal n_points, n_failed
        n_points += 1
        n_failed += not good
        print('ok' if good else 'not ok', n_points, '-', name)
        if not good:
            print(f'# {name}: {detail!r}')

    print(f'# GCO_MIXED_SEED={SEED}')
    for number, (kind, n_rounds) in enumerate(GAMES):
        for process in pair.values():
            process.stdin.write(f'{kind} {n_rounds} {SEED + number}\n')
            process.stdin.flush()
        for name, process in pair.items():
            verdict = process.stdout.readline().rstrip('\n')
            point(f'{name}: {kind}, {n_rounds} rounds', verdict == GOOD, verdict)
    for name, process in pair.items():
        out, complaints = process.communicate()
        point(f'{name}: ended well', process.returncode == 0 and not complaints,
              (process.returncode, out, complaints))
    print(f'1..{n_points}')
    return n_failed > 0


sys.exit(main())
