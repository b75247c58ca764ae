# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long the frames of an application are apart while somebody scrolls, as seen on the
screen.

The machine may have other things to do. The time for which it let the application's main
thread, the X server or us wait for a processor does not count."""

import subprocess
import time

TRIES = 3
FRAMES = 150
MOST_S = 30
LATE_MS = 50
BLIND_MS = 2
SAME_MS = 4  # within which a frame comes onto the screen


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


class Wheel:
    """Somebody who turns it, down and back again, for as long as he is looked at."""

    def __init__(self):
        self.button, self.process = '4', None

    def turn(self):
        if self.process is None or self.process.poll() is not None:
            self.button = '5' if self.button == '4' else '4'
            self.process = subprocess.Popen(
                ['xdotool', 'click', '--repeat', '100', '--delay', '8', self.button])
            return True
        return False


def watch(desktop, app):
    """What is seen in the middle of the window when the wheel is turned there."""
    x, y, width, height = app.children[0].area
    middle, top = x + width // 2, y + 100
    pids = [app.process.pid, desktop.children[0].pid]  # and that of the X server
    subprocess.run(['xdotool', 'mousemove', str(middle), str(y + height // 2)], check=True)
    before = desktop.screen.column(middle, top, height - 200)
    wheel, gaps, last, end = Wheel(), [], None, time.monotonic() + MOST_S
    while len(gaps) < FRAMES and time.monotonic() < end:
        if wheel.turn():  # the first frame of each turn waits for whoever turns
            last, looked = None, time.monotonic() * 1e3
        now = time.monotonic() * 1e3
        blind = 0 if last is None else blind + max(now - looked - BLIND_MS, 0)
        looked = now
        seen = desktop.screen.column(middle, top, height - 200)
        if seen == before or last is not None and now - last < SAME_MS:
            before = seen
            continue
        waits = waited_ms(pids)
        if last is not None:
            gaps.append((now - last, max(now - last - max(blind, waits - waited), 0)))
        before, last, waited, blind = seen, now, waits, 0
    wheel.process.wait()
    return Gaps(gaps)
