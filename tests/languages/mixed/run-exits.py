#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""run-exits INTERPRETER [ARG...] SCRIPT: an interpreter that ends while somebody waits for
a lock, or holds one, says nothing about it, and ends with 0."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = [(how, lock) for lock in ('mutex', 'rwlock', 'semaphore', 'queue')
        for how in ('holding', 'waiting', 'granted')]
WAYS += [('leaving', 'mutex'), ('oneshots', '-'), ('playing', '-')]


def main():
    failed = False
    print(f'1..{len(WAYS)}')
    for number, (how, lock) in enumerate(WAYS, 1):
        result = subprocess.run([*sys.argv[1:], how, lock], cwd=HERE, text=True, timeout=20,
                                capture_output=True, stdin=subprocess.DEVNULL)
        good = (result.returncode, result.stdout, result.stderr) == (0, 'ready\n', '')
        print('ok' if good else 'not ok', number, '-', how, lock)
        if not good:
            failed = True
            print(f'# {result!r}')
    return failed


sys.exit(main())
