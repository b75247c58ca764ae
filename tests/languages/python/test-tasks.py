# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gco.run(), Gco.spawn() and Gco.Task, also where a loop runs already."""

import asyncio
import contextvars
import os
import signal
import sys
import threading

from harness import Gco, Gio, GLib, Tap, Trampoline, gc, raises

tap = Tap()


async def forever(log=None):
    try:
        await Gco.sleep(1000)
    finally:
        if log is not None:
            log.append('cleaned up')


async def give(value):
    await Gco.sleep(0)
    if isinstance(value, BaseException):
        raise value
    return value


async def join(task):
    return await task


@tap.plain('/run')
def run():
    assert Gco.run(give(5)) == 5
    raises(KeyError, Gco.run, give(KeyError()))
    raises(SystemExit, Gco.run, give(SystemExit()))
    raises(TypeError, Gco.run, 5)
    raises(TypeError, Gco.spawn, give)


@tap.plain('/run/in-a-coroutine')
def run_in_a_coroutine():
    async def nested():
        coro = give(5)
        try:
            Gco.run(coro)
        finally:
            coro.close()

    assert 'await' in str(raises(RuntimeError, Gco.run, nested()))


@tap.plain('/run/in-a-callback')
def run_in_a_callback():
    """The outer loop goes on within the inner one."""
    log = []

    async def outer():
        await Gco.sleep(0)
        GLib.idle_add(lambda: log.append(Gco.run(give('inner'))))
        while not log:
            await Gco.sleep(0)
        return log + ['outer']

    assert Gco.run(outer()) == ['inner', 'outer']


@tap.plain('/run/interrupted')
def interrupted():
    """Ctrl+C cancels what runs, and waits for its cleanup."""
    log = []

    async def interrupt():
        GLib.idle_add(lambda: os.kill(os.getpid(), signal.SIGINT))
        await forever(log)

    raises(KeyboardInterrupt, Gco.run, interrupt())
    assert log == ['cleaned up']


@tap.plain('/spawn/while-a-loop-runs')
def while_a_loop_runs():
    loop, log = GLib.MainLoop(), []

    async def quit_loop():
        log.append(await give('a'))
        loop.quit()

    def begin():
        log.append(Gco.spawn(quit_loop(), name='mine'))
        assert log[0].get_name() == 'mine' and not log[0].done()

    GLib.idle_add(begin)
    loop.run()
    assert log[1] == 'a' and 'mine' in repr(log[0])


@tap.plain('/spawn/in-an-application')
def in_an_application():
    application, log = Gio.Application(), []

    async def activated():
        log.append(await give('a'))
        application.release()

    def activate(_):
        application.hold()
        Gco.spawn(activated())

    application.connect('activate', activate)
    assert application.run([]) == 0 and log == ['a']


@tap.through_doors('/task/awaited')
def awaited(door):
    """From whichever driver, by several, before and after its end; also its exception."""
    task = Gco.spawn(give(5))
    both = [door.spawn(join(task)) for _ in range(2)]
    assert [door.end(one) for one in both] == [5, 5]
    assert door.run(join(task)) == 5 and task.result() == 5 and task.exception() is None
    task = Gco.spawn(give(KeyError()))
    raises(KeyError, door.run, join(task))
    raises(KeyError, door.run, join(task))
    assert isinstance(task.exception(), KeyError) and not task.cancelled()


@tap.through_doors('/task/cancelled-with-who-awaits-it')
def cancelled_with_who_awaits_it(door):
    """Who awaits it goes on only when its cleanup is done."""
    log = []

    async def slow_to_leave():
        try:
            await Gco.sleep(1000)
        finally:
            await Gco.sleep(0)
            log.append('left')

    async def outer():
        try:
            await inner
        finally:
            log.append('outer')

    inner = Gco.spawn(slow_to_leave())
    task = door.spawn(outer())
    for _ in range(5):
        door.turn()
    task.cancel()
    for _ in range(2):
        task.cancel()  # once more is not sooner
    raises(door.Cancelled, door.end, task)
    assert log == ['left', 'outer'] and inner.cancelled()


@tap.through_doors('/task/cancelled-by-another')
def cancelled_by_another(door):
    inner = Gco.spawn(forever())
    task = door.spawn(join(inner))
    for _ in range(5):
        door.turn()
    assert inner.cancel()
    raises(Gco.Cancelled, door.end, task)
    raises(Gco.Cancelled, inner.exception)
    assert not inner.cancel()


@tap.plain('/task/cancelled-before-it-began')
def cancelled_before_it_began():
    log = []
    task = Gco.spawn(forever(log))
    assert task.cancel()
    raises(Gco.Cancelled, Trampoline().end, task)
    assert not log, 'it began'


@tap.plain('/task/cancels-itself')
def cancels_itself():
    """At its next wait, or where it returns."""
    async def and_waits():
        tasks[0].cancel()
        log.append('goes on')
        await Gco.sleep(0)
        log.append('not this far')

    async def and_returns():
        tasks[0].cancel()

    for func in (and_waits, and_returns):
        log = []
        tasks = [Gco.spawn(func())]
        raises(Gco.Cancelled, Trampoline().end, tasks[0])
        assert log in ([], ['goes on']) and tasks[0].cancelled()


@tap.plain('/task/goes-on')
def goes_on():
    """Cancelled once, and it does not care; the next time is another one."""
    async def stubborn():
        for _ in range(2):
            try:
                await Gco.sleep(1000)
            except Gco.Cancelled:
                pass
        return await give('done')

    door, task = Trampoline(), Gco.spawn(stubborn())
    for _ in range(2):
        for _ in range(3):
            door.turn()
        assert not task.done()
        task.cancel()
    assert door.end(task) == 'done' and not task.cancelled()


@tap.plain('/task/misuse')
def misuse():
    async def itself():
        await tasks[0]

    class Other:
        def __await__(self):
            yield 'something'

    async def other():
        try:
            await Other()
        except RuntimeError as error:
            await Gco.sleep(0)
            return str(error)

    async def of_asyncio():
        await asyncio.sleep(0)

    async def of_another_loop():
        await loop.create_future()

    tasks = [Gco.spawn(itself())]
    raises(RuntimeError, tasks[0].result)
    assert 'itself' in str(raises(RuntimeError, Trampoline().end, tasks[0]))
    told = Gco.run(other())
    assert 'something' in told and 'asyncio' not in told
    loop = asyncio.new_event_loop()
    for func in of_asyncio, of_another_loop:
        assert 'asyncio.run()' in str(raises(RuntimeError, Gco.run, func()))
    loop.close()


@tap.plain('/task/circle')
def circle():
    """Two that await each other would, cancelled, cancel each other for ever."""
    async def first():
        await tasks[1]

    async def second():
        await tasks[2]

    async def third():
        await tasks[0]

    tasks = [Gco.spawn(func()) for func in (first, second, third)]
    error = raises(RuntimeError, Trampoline().end, tasks[0])
    for name in ('first', 'second', 'third'):
        assert name in str(error)
    assert all(task.exception() is error for task in tasks)


@tap.plain('/task/circle/within-another')
def circle_within_another():
    """Who awaits from outside is told, too; a chain that ends is none."""
    async def outer():
        await tasks[0]

    async def forth():
        await tasks[1]

    async def back():
        await Gco.sleep(0)
        try:
            await tasks[0]
        except RuntimeError:
            return await give('broken')

    tasks = [Gco.spawn(forth()), Gco.spawn(back())]
    assert Gco.run(outer()) is None and tasks[1].result() == 'broken'


@tap.plain('/task/variables')
def variables():
    """Each has its own, as in asyncio."""
    var = contextvars.ContextVar('var', default=0)

    async def one(value):
        var.set(value)
        await Gco.sleep(0)
        return var.get() == value

    async def both():
        tasks = [Gco.spawn(one(1)), Gco.spawn(one(2))]
        return [await task for task in tasks] + [var.get() == 0]

    assert all(Gco.run(both()))


def reports(func):
    """What sys.excepthook was told while func() ran, and what it left was collected."""
    told, hook = [], sys.excepthook
    sys.excepthook = lambda _type, error, _traceback: told.append(error)
    try:
        func()
        gc.collect()
    finally:
        sys.excepthook = hook
    return told


@tap.plain('/task/nobody-awaited')
def nobody_awaited():
    """It is told with the task's name; what was fetched or cancelled is not."""
    def failing():
        Gco.spawn(give(KeyError('lost')), name='the failing one')
        Gco.run(give(0))
        Gco.run(give(0))

    def fetched():
        tasks = [Gco.spawn(give(KeyError())), Gco.spawn(forever())]
        raises(KeyError, Gco.run, join(tasks[0]))
        tasks[1].cancel()
        Trampoline().until(tasks[1].done)

    told = reports(failing)
    assert len(told) == 1 and isinstance(told[0], KeyError), told
    if sys.version_info >= (3, 11):
        assert 'the failing one' in told[0].__notes__[0]
    assert not reports(fetched)


def nobody_awaited_at_once():
    """Without a collection: the task is not part of a circle."""
    def failing():
        Gco.spawn(give(KeyError()))
        Gco.run(give(0))
        Gco.run(give(0))
        assert told, 'nothing was told yet'

    told, hook = [], sys.excepthook
    sys.excepthook = lambda *args: told.append(args[0])
    gc.disable()
    try:
        failing()
    finally:
        gc.enable()
        sys.excepthook = hook


tap.add('/task/nobody-awaited/at-once', nobody_awaited_at_once,
        sys.version_info >= (3, 12) and 'from Python 3.12 on a frame keeps its callers')


async def generate(log):
    try:
        while True:
            await Gco.sleep(0)
            yield True
    finally:
        await Gco.sleep(0.001)
        log.append('cleaned up')


async def take_one(log):
    async for _ in generate(log):
        break


@tap.plain('/task/generator')
def generator():
    """One that is dropped cleans up, as in asyncio; at the latest when run() returns."""
    async def goes_on():
        await take_one(log)
        while not log:
            await Gco.sleep(0)

    hooks = sys.get_asyncgen_hooks()
    for func in (take_one, lambda log: goes_on()):
        log = []
        Gco.run(func(log))
        assert log == ['cleaned up']
    assert sys.get_asyncgen_hooks() == hooks


@tap.plain('/task/generator/elsewhere')
def generator_elsewhere():
    """Dropped in another thread, by the collector for instance; it is closed at home."""
    async def begin(log):
        kept = generate(log)
        await kept.__anext__()
        return [kept]

    def in_thread():
        work = threading.Thread(target=lambda: Gco.run(take_one(log)) or kept.clear())
        work.start()
        work.join()

    log = []
    kept = Gco.run(begin(log))
    in_thread()
    assert log == ['cleaned up']
    Trampoline().until(lambda: GLib.usleep(1000) or len(log) == 2)


@tap.through_doors('/sleep/odd')
def odd(door):
    async def sleep(seconds):
        await Gco.sleep(seconds)

    for seconds in (float('inf'), 1e300, 2 ** 70, 2 ** 33):
        task = door.spawn(sleep(seconds))
        for _ in range(10):
            door.turn()
        assert not task.done()
        task.cancel()
        raises(door.Cancelled, door.end, task)
    for seconds in (-1, float('-inf'), False):
        door.run(sleep(seconds))
    assert 'nan' in str(raises(ValueError, door.run, sleep(float('nan'))))
    raises(TypeError, door.run, sleep('1'))


@tap.through_doors('/call/none')
def call_none(door):
    """A function that gives its callback nothing has called it all the same."""
    def start(_cancellable, callback):
        GLib.idle_add(callback, None, None)

    async def call():
        return await Gco.call_async(start, lambda result: (result, 'finished'))

    assert door.run_asleep(call()) == (None, 'finished')


# ------------------------------------------------------------- both drivers in one thread

@tap.through_doors('/drivers/task-beside-asyncio')
def task_beside_asyncio(door):
    """While asyncio's loop runs, a Gco.Task is driven by GLib all the same."""
    mutex, order = Gco.AsyncMutex(), []

    async def one(who):
        for _ in range(3):
            async with mutex:
                order.append(who)
                await Gco.sleep(0)

    tasks = [door.spawn(one('door')), Gco.spawn(one('task'))]
    for task in tasks:
        door.end(task)
    assert sorted(order[:2]) == ['door', 'task'] and order[2:] == order[:2] * 2, order


@tap.through_doors('/drivers/loop-within-a-step')
def loop_within_a_step(door):
    """A step that iterates lets others be stepped, each by its own driver."""
    mutex, log = Gco.AsyncMutex(), []

    async def within():
        async with mutex:
            log.append('within')

    async def iterates():
        other = door.spawn(within())
        assert mutex.trylock()
        for _ in range(5):
            GLib.MainContext.default().iteration(False)
        mutex.unlock()
        await Gco.sleep(0)
        return other

    door.run(give(0))
    task = Gco.spawn(iterates())
    door.until(task.done)
    door.end(task.result())
    assert log == ['within']


tap.main()
