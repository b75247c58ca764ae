# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lint scripts share. A script gives a function that looks at texts
({path: text}) and yields complaints, a few texts it must complain about, and
the files it is for. The bad texts are tried on every run: a check that cannot
fail is not one. What is printed is TAP."""

import os
import re
import shlex
import subprocess
import sys

SKIPPED = re.compile(r'(\.git|build.*|subprojects|__pycache__|\.cache|\.vscode|\.idea)$')


def root():
    return os.path.abspath(sys.argv[1])


def read(path):
    with open(path, encoding='utf-8') as stream:
        return stream.read()


def tree(wanted, top=None):
    """The texts of the files whose path from the top is wanted."""
    top = top or root()
    texts = {}
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if not SKIPPED.match(f))
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), top)
            if wanted(path):
                texts[path] = read(os.path.join(folder, name))
    return texts


def command(*words, **more):
    """Runs it; the result has returncode and, both streams in one, stdout."""
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)


def pkg_config(*words):
    words = (os.environ.get('PKG_CONFIG', 'pkg-config'), *words)
    said = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
    return shlex.split(said)


class Tap:
    def __init__(self):
        self.number = 0
        self.bad = 0

    def point(self, what, complaints=()):
        complaints = list(complaints)
        self.number += 1
        self.bad += bool(complaints)
        print('not ok' if complaints else 'ok', self.number, what)
        for complaint in complaints:
            print('# ' + str(complaint).replace('\n', '\n# '))

    def skip(self, what, why):
        """In a full run a tool that is not there is a failure."""
        if os.environ.get('GCO_TEST_FULL'):
            self.point(what, [why])
        else:
            self.number += 1
            print(f'ok {self.number} {what} # SKIP {why}')

    def end(self):
        print(f'1..{self.number}')
        sys.exit(self.bad != 0)


def try_bad(tap, check, bad):
    """Each bad case is (what is wrong, texts, a piece of the complaint)."""
    for what, texts, piece in bad:
        found = [str(c) for c in check(texts)]
        tap.point('would find: ' + what,
                  [] if any(piece in c for c in found)
                  else [f'no complaint with "{piece}", only: {found}'])


def run(check, bad, wanted):
    tap = Tap()
    try_bad(tap, check, bad)
    texts = tree(wanted)
    tap.point(f'{len(texts)} files', check(texts) if texts else ['no file to look at'])
    tap.end()
