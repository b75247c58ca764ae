# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that end in the middle: the exit code is theirs, and nothing is printed."""

import os
import subprocess
import sys

from harness import Tap, gbulb

tap = Tap()
BEGIN = '''
import sys
sys.path.insert(0, {folder!r})
from harness import *
mutex, queue, permits, rwlock = (Gco.AsyncMutex(), Gco.AsyncWaitQueue(),
                                 Gco.AsyncSemaphore(n_permits=1), Gco.AsyncRwlock())

async def take():
    async with mutex:
        await queue.wait(mutex)

async def acquire():
    async with permits:
        await Gco.sleep(1000)

async def write():
    async with rwlock.writer():
        await rwlock.wrlock()

async def upgrade():
    async with rwlock.reader():
        await rwlock.upgrade()

async def join():
    await Gco.spawn(take())

def waiters():
    return [take(), take(), acquire(), acquire(), upgrade(), write(), upgrade(), join()]
'''


def ends(program, code=0, stderr=''):
    """Runs a program, which is to end so."""
    text = BEGIN.format(folder=os.path.dirname(os.path.abspath(__file__))) + program
    # PyGObject's importer is of an old kind, which it is told in the development mode.
    done = subprocess.run([sys.executable, '-X', 'dev', '-W', 'ignore::ImportWarning',
                           '-c', text],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, f'{done.returncode}: {done.stderr}'
    assert done.stdout == '' and stderr in done.stderr, done.stderr
    assert stderr or not done.stderr, done.stderr


@tap.plain('/exit/task')
def task():
    ends('''
tasks = [Gco.spawn(coro) for coro in waiters()]
Gco.run(Gco.sleep(0.001))
''')


@tap.plain('/exit/task/in-the-middle')
def in_the_middle():
    """sys.exit() in a callback, while everybody waits and one has just been let in."""
    ends('''
def leave():
    queue.next()
    permits.release()
    tasks[2].cancel()
    sys.exit(3)

tasks = [Gco.spawn(coro) for coro in waiters()]
for _ in range(5):
    GLib.MainContext.default().iteration(False)
GLib.idle_add(leave)
GLib.MainLoop().run()
''', code=3)


@tap.plain('/exit/task/sys-exit')
def sys_exit():
    """sys.exit() in a task is what it is in any callback."""
    ends('''
async def leave():
    await Gco.sleep(0)
    sys.exit(4)

tasks = [Gco.spawn(coro) for coro in [*waiters(), leave()]]
GLib.MainLoop().run()
''', code=4)


@tap.plain('/exit/thread')
def thread():
    """A daemon thread in its own loop."""
    ends('''
import threading
begun = threading.Event()

async def main():
    tasks = [Gco.spawn(coro) for coro in waiters()]
    await Gco.sleep(0)
    begun.set()
    await Gco.sleep(1000)

threading.Thread(target=Gco.run, args=(main(),), daemon=True).start()
begun.wait()
''')


def asyncio_door(name):
    """With what asyncio.run() does at its end; else asyncio complains of the tasks."""
    ends(f'''
door = {name}()
tasks = [door.spawn(coro) for coro in waiters()]
for _ in range(5):
    door.turn()
queue.next()
permits.release()
for task in tasks:
    task.cancel()
for task in tasks:
    door.until(task.done)
    outcome(task)
door.close()
''')


for name in ['Selector', 'Gbulb']:
    tap.add(f'/exit/{name.lower()}', lambda name=name: asyncio_door(name),
            'gbulb is not installed' if name == 'Gbulb' and gbulb is None else None)


@tap.plain('/exit/nobody-awaited')
def nobody_awaited():
    """A task that failed, which the program still had when it ended."""
    ends('''
async def fail():
    raise KeyError('lost')

kept = Gco.spawn(fail(), name='the kept one')
Gco.run(Gco.sleep(0.001))
''', stderr='the kept one' if sys.version_info >= (3, 11) else 'lost')


@tap.plain('/exit/nobody-awaited/kept-by-glib')
def nobody_awaited_kept():
    """What C holds, Python never collects."""
    ends('''
async def fail():
    raise KeyError('lost')

kept = Gco.spawn(fail(), name='the kept one')
Gco.run(Gco.sleep(0.001))
GLib.timeout_add_seconds(1000, print, [kept])
''', stderr='the kept one' if sys.version_info >= (3, 11) else 'lost')


@tap.plain('/import')
def imports():
    """The override does not bring asyncio in."""
    done = subprocess.run([sys.executable, '-c', '''
import sys
import gi
from gi.repository import GLib, Gio
before = set(sys.modules)
gi.require_version('Gco', '1')
from gi.repository import Gco
async def main():
    async with Gco.AsyncMutex():
        await Gco.sleep(0)
Gco.run(main())
assert 'asyncio' not in set(sys.modules) - before
'''], timeout=60, check=False)
    assert done.returncode == 0


tap.main()
