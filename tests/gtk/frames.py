# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long the frames of an application are apart while somebody scrolls, as seen on the
screen.

The machine may have other things to do. The time for which it let the application's main
thread, the X server or us wait for a processor does not count."""

import subprocess
import time

TRIES = 3
TURNS = 200
LATE_MS = 50
BLIND_MS = 2


class Gaps:
    """Pairs: what the clock says, and how much of it counts."""

    def __init__(self, pairs):
        self.raw = sorted(raw for raw, _ in pairs)
        self.gaps = sorted(gap for _, gap in pairs)
        self.longest = self.gaps[-1]
        self.late = sum(gap > LATE_MS for gap in self.gaps)

    def __str__(self):
        def describe(gaps):
            return (f'median {gaps[len(gaps) // 2]:.1f} ms, 95% to'
                    f' {gaps[len(gaps) * 95 // 100]:.1f}, longest {gaps[-1]:.1f}')
        return (f'{len(self.gaps)} frames, {describe(self.gaps)}, {self.late} over {LATE_MS}'
                f' (with waits for a processor: {describe(self.raw)})')

    def smooth(self, alone):
        """No more is late than without the load, but for one in fifty, and none by much."""
        return (self.late <= alone.late + len(self.gaps) // 50 and
                self.longest <= max(4 * LATE_MS, 2 * alone.longest))


def waited_ms(pids):
    """For how long main threads could have run and did not."""
    total = 0
    for pid in pids:
        with open(f'/proc/{pid}/task/{pid}/schedstat') as file:
            total += int(file.read().split()[1])
    return total / 1e6


def watch(desktop, app):
    """Turns the wheel over the middle of the window, down and back again."""
    x, y, width, height = app.children[0].area
    middle, top = x + width // 2, y + 100
    pids = [app.process.pid, desktop.children[0].pid]  # and that of the X server
    gaps, blind = [], 0
    subprocess.run(['xdotool', 'mousemove', str(middle), str(y + height // 2)], check=True)
    before = desktop.screen.column(middle, top, height - 200)
    last = began = looked = time.monotonic() * 1e3
    waited = waited_ms(pids)
    wheel = subprocess.Popen(
        ['xdotool', 'click', '--repeat', str(TURNS), '--delay', '8', '5',
         'click', '--repeat', str(TURNS), '--delay', '8', '4'])
    while wheel.poll() is None:
        now = time.monotonic() * 1e3
        blind += max(now - looked - BLIND_MS, 0)
        looked = now
        seen = desktop.screen.column(middle, top, height - 200)
        if seen == before:
            continue
        waits = waited_ms(pids)
        if last != began:  # the first one waits for the wheel
            gaps.append((now - last, max(now - last - max(blind, waits - waited), 0)))
        before, last, waited, blind = seen, now, waits, 0
    return Gaps(gaps)
