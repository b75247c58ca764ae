# SPDX-License-Identifier: LGPL-2.1-or-later
"""What thousands of waits leave behind, and waits whose wrappers are collected meanwhile."""

import ctypes
import sys
import weakref

from harness import Gco, Gio, GLib, Tap, gc, outcome

tap = Tap()


class Heap(ctypes.Structure):
    """glibc's struct mallinfo2."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks',
        'fordblks', 'keepcost')]


def heap():
    """Bytes that C has allocated; Python's own small blocks are not among them."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Heap
    return mallinfo2().uordblks


async def contend(mutex, turns):
    for _ in range(turns):
        async with mutex:
            await Gco.sleep(0)


async def wait(queue, cancel):
    await queue.wait(None, cancel)


def callbacks(_door, waits):
    """What PyGObject itself loses for each callback: in 3.42, about 100 bytes."""
    for _ in range(waits):
        GLib.idle_source_new().set_callback(print)


def granted(door, waits):
    mutex = Gco.AsyncMutex()

    async def all_of_them():
        for task in [door.spawn(contend(mutex, waits // 4)) for _ in range(4)]:
            await task

    door.run_asleep(all_of_them())


def cancelled(door, waits):
    """Half of them by their task, half by their cancellable."""
    queue = Gco.AsyncWaitQueue()
    for n in range(waits // 100):
        cancel = Gio.Cancellable()
        tasks = [door.spawn(wait(queue, cancel)) for _ in range(100)]
        for _ in range(4):
            door.turn()
        for task in tasks[::2]:
            task.cancel()
        cancel.cancel()
        for task in tasks:
            door.until(task.done)
            outcome(task)


def closed(door, waits):
    queue = Gco.AsyncWaitQueue()
    for n in range(waits // 100):
        coros = [wait(queue, None) for _ in range(100)]
        tasks = [door.spawn(coro) for coro in coros]
        for _ in range(4):
            door.turn()
        for coro, task in zip(coros, tasks):
            coro.close()
            task.cancel()
        for task in tasks:
            door.until(task.done)
            outcome(task)
        door.until(queue.is_empty)


def growth(door, func, waits):
    """Python's blocks that the waits leave, and bytes of C for each."""
    func(door, 2000)  # whatever is made once, and the heap's room
    door.settle()
    gc.collect()
    blocks, bytes_of_c = sys.getallocatedblocks(), heap()
    func(door, waits)
    door.settle()
    gc.collect()
    return sys.getallocatedblocks() - blocks, (heap() - bytes_of_c) / waits


def grows(door, func, waits):
    """A wait has up to three callbacks: its own, its task's first step, its sleep or cancel."""
    _, lost = growth(door, callbacks, 1000)
    blocks, bytes_of_c = growth(door, func, waits)
    print(f'# {blocks} blocks; {bytes_of_c} bytes a wait; {lost} bytes a callback')
    assert blocks < 500, f'{blocks} blocks more'
    # gbulb itself has some callbacks for each step of a task.
    assert bytes_of_c < (10 if door.name == 'gbulb' else 4) * lost + 16


for func, waits in [(granted, 10000), (cancelled, 2500), (closed, 2500)]:
    tap.through_doors(f'/memory/{func.__name__}')(
        lambda door, func=func, waits=waits: grows(door, func, waits))


@tap.through_doors('/memory/no-circle')
def no_circle(door):
    """What interrupts a wait goes when it is over, without the collector."""
    class Holder:
        pass

    async def interrupted():
        holder = Holder()
        holders.append(weakref.ref(holder))
        await queue.wait()

    queue, holders = Gco.AsyncWaitQueue(), []
    task = door.spawn(interrupted())
    door.until(lambda: not queue.is_empty())
    gc.collect()
    gc.disable()
    try:
        task.cancel()
        door.until(task.done)
        del task
        for _ in range(5):
            door.turn()
        assert holders[0]() is None
    finally:
        gc.enable()


@tap.through_doors('/memory/collected-wrappers')
def collected_wrappers(door):
    """Nobody but the wait knows the lock, the queue and the task: it goes on."""
    log = []

    async def behind(mutex):
        async with mutex:
            log.append('behind')

    async def holder(mutex):
        async with mutex:
            door.spawn(behind(mutex))
            await Gco.sleep(0.001)

    door.spawn(holder(Gco.AsyncMutex()))
    for _ in range(6):
        door.turn()
        gc.collect()
    context = GLib.MainContext.default()
    while not log:
        context.iteration(door.name == 'task')
        door.turn()
        gc.collect()


tap.main()
