# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the sides of rows in turns, on processors that they have to themselves as far as the
system lets one."""

import dataclasses
import mmap
import os
import random
import re
import statistics
import subprocess

import rows

TIMEOUT_S = 300


@dataclasses.dataclass(frozen=True)
class Form:
    """How long it takes."""
    name: str
    repetitions: int
    heavy: int               # repetitions of a heavy row
    rare: int                # of one that is only in the long form
    ms: float                # of a side in a repetition
    most: int = 10 ** 9      # sizes are cut to that


FORMS = {
    'quick': Form('quick', 1, 1, 1, 0.2, most=1000),
    'short': Form('short', 3, 1, 1, 3),
    'long': Form('long', 15, 5, 2, 15),
}


class Missing(Exception):
    """A side that cannot be measured here, and why."""


class Broken(Exception):
    """A side that fails."""


def sibling_of(core):
    """Which processors are the same core by another name."""
    path = f'/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list'
    try:
        with open(path, encoding='ascii') as siblings:
            return siblings.read().strip()
    except OSError:
        return str(core)


def touch(n_pages):
    """Memory that a virtual machine has not had lately comes from its host first, which takes
    20 us a page where the rest takes 2: without this it is chance which side meets it."""
    size = n_pages * mmap.PAGESIZE
    if size == 0 or size > os.sysconf('SC_AVPHYS_PAGES') * mmap.PAGESIZE:
        return
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for offset in range(0, size, mmap.PAGESIZE):
            memory[offset] = 1


class Machine:
    """The processors that measures are tied to."""

    def __init__(self):
        self.pinned = hasattr(os, 'sched_setaffinity')
        allowed = sorted(os.sched_getaffinity(0)) if self.pinned else range(os.cpu_count() or 1)
        # the last ones: what serves interrupts is more often the first
        self.cores = list(reversed(allowed))
        others = [core for core in self.cores if sibling_of(core) != sibling_of(self.cores[0])]
        self.two = [self.cores[0], *(others or self.cores[1:])][:2]

    def pin(self, n):
        """For this process, and so for those it starts."""
        if self.pinned:
            os.sched_setaffinity(0, self.two[:n])

    def describe(self):
        words = [f'{os.cpu_count()} processors']
        try:
            with open('/proc/cpuinfo', encoding='utf-8') as info:
                words[:0] = re.findall(r'^model name\s*: (.*)', info.read(), re.M)[:1]
        except OSError:
            pass
        system = os.uname()
        return ', '.join([*words, f'{system.sysname} {system.release} {system.machine}'])


class Programs:
    """Which of them are there."""

    def __init__(self, folder):
        self.paths = {}
        self.versions = {}
        self.missing = {}
        for name, (_, needs) in rows.PROGRAMS.items():
            path = os.path.join(folder, 'bench-' + name)
            if os.access(path, os.X_OK):
                self.paths[name] = path
                version = self.start(name, '--version').strip()
                if version:
                    self.versions[name] = version
            else:
                self.missing[name] = f'not built; needs {needs}'

    def start(self, name, *words):
        env = {key: value for key, value in os.environ.items()
               if key not in ('GCO_DEBUG', 'G_DEBUG', 'G_SLICE', 'G_MESSAGES_DEBUG')}
        try:
            done = subprocess.run([self.paths[name], *words], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=env, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired as timeout:
            raise Broken(f'bench-{name} {" ".join(words)}: no end in {TIMEOUT_S} s') from timeout
        if done.returncode != 0:
            raise Broken(f'bench-{name} {" ".join(words)}: exit code {done.returncode}\n'
                         + done.stderr.strip())
        return done.stdout

    def sample(self, side, form, ms):
        """What one repetition of a side prints: {value: number}."""
        if side.program in self.missing:
            raise Missing(self.missing[side.program])
        measure, _, size = side.measure.partition('/')
        if size:
            measure += f'/{min(int(size), form.most)}'
        values = {}
        for line in self.start(side.program, measure, str(ms)).splitlines():
            word, rest = line.split(' ', 1)
            if word == 'cannot':
                raise Missing(rest)
            values[word] = float(rest)
        return values


@dataclasses.dataclass
class Result:
    """Of one side of a row."""
    side: rows.Side
    samples: list            # of one value, in no order
    also: dict               # medians of others
    why: str = ''            # if it was skipped

    def figure(self, which):
        return min(self.samples) if which == 'min' else statistics.median(self.samples)


class Bench:
    def __init__(self, programs, machine, form):
        self.programs, self.machine, self.form = programs, machine, form
        self.done = {}       # what rows that differ in the value share

    def repeat(self, row):
        samples = {side: [] for side in row.sides}
        why = {}
        form = self.form
        self.machine.pin(row.cores)
        for _ in range(form.rare if row.long else form.heavy if row.heavy
                       else form.repetitions):
            for side in random.sample(row.sides, len(row.sides)):
                if side in why:
                    continue
                touch(min(row.touch, form.most))
                try:
                    samples[side].append(self.programs.sample(side, form, form.ms * row.ms))
                except Missing as missing:
                    why[side] = str(missing)
        return samples, why

    def run(self, row):
        """Its results, in the order of the sides."""
        if row.cores > len(self.machine.two):
            return [Result(side, [], {}, 'needs two processors') for side in row.sides]
        if row.key not in self.done:
            self.done[row.key] = self.repeat(row)
        samples, why = self.done[row.key]
        # goals are not the same in the rows that share samples
        by_key = {side.key: (values, why.get(side, '')) for side, values in samples.items()}
        results = []
        for side in row.sides:
            values, reason = by_key[side.key]
            also = {} if reason else {name: statistics.median(v[name] for v in values)
                                      for name in row.also}
            results.append(Result(side, [] if reason else [v[row.value] for v in values],
                                  also, reason))
        return results
