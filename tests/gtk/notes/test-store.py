# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/notes/store.py without a window: who waits for whom, and what is lost when
somebody gives up, or something fails: nothing."""

import os
import random
import sqlite3
import sys
import tempfile
import threading
import traceback
from contextlib import closing

import gi
gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib

sys.path.insert(0, sys.argv[1])
import store
from store import Changed, Note, Store

PATIENCE = 60  # seconds, for a busy machine
ROUNDS = 400
POINTS = []


def point(function):
    POINTS.append(function)
    return function


class Watched(Store):
    """Notes who is inside, and stops them there where a test wants it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='gco-notes-')
        super().__init__(os.path.join(self.folder.name, 'notes.sqlite'))
        self.connections = 0  # open ones; (GIL)
        self.begun = []  # the statements, in order
        self.inside = []
        self.together = 0  # readers, at most
        self.on_connect = lambda: None  # in the thread
        self.set_up = ''

    async def _sql(self, statement, *values):
        verb = statement.split()[0]
        self.begun.append(verb)
        self.inside.append(verb)
        assert self.inside == [verb] or set(self.inside) == {'SELECT'}, self.inside
        self.together = max(self.together, len(self.inside))
        try:
            return await super()._sql(statement, *values)
        finally:
            self.inside.remove(verb)

    def _connect(self):
        self.connections += 1
        try:
            self.on_connect()
            db = sqlite3.connect(self.path, timeout=store.PATIENCE, check_same_thread=False,
                                 factory=Counted)
            db.store = self
            db.create_function('casefold', 1, str.casefold)
            db.executescript(self.set_up)
            db.execute(store.CREATE)
            return db
        except BaseException:
            self.connections -= 1
            raise

    def texts(self):
        """What is in the file, looked at by another program."""
        with closing(sqlite3.connect(self.path)) as db:
            assert db.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
            return sorted(text for text, in db.execute('SELECT text FROM notes'))

    def expect_idle(self):
        """Nobody holds the lock, waits for it, or is in the file."""
        assert not self.inside and self.connections == 0, (self.inside, self.connections)
        assert self.lock.trywrlock()
        self.lock.unlock()


class Counted(sqlite3.Connection):
    def close(self):
        super().close()
        if self.store:
            self.store.connections -= 1
            self.store = None


def settle():
    """All that can happen has happened, but for the threads."""
    while GLib.MainContext.default().iteration(False):
        pass


def until(condition):
    over = []
    alarm = GLib.timeout_add_seconds(PATIENCE, lambda: over.append(True))
    while not condition():
        assert not over, 'waited in vain'
        GLib.MainContext.default().iteration(True)
    if not over:
        GLib.source_remove(alarm)


async def expect(kind, awaitable):
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f'no {kind}')


def is_cancelled(error):
    return error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)


async def add(notes, text):
    note = Note(text=text)
    await notes.save(note)
    return note


async def batches(*lists):
    for texts in lists:
        yield texts


class Gate:
    """In front of which threads stop."""

    def __init__(self, notes):
        self.arrived, self.opened = 0, threading.Event()
        notes.on_connect = self.stop

    def stop(self):
        self.arrived += 1
        GLib.MainContext.default().wakeup()
        assert self.opened.wait(PATIENCE)


# What it does

@point
def keeps_searches_and_deletes(notes):
    async def main():
        first, second = await add(notes, 'Straße\nnach Gdańsk'), await add(notes, 'buy milk')
        assert first.saved and (first.id, first.version) == (1, 1)
        assert await notes.search('') == [(2, 'buy milk'), (1, 'Straße\nnach Gdańsk')]
        assert await notes.search('STRASSE') == [(1, 'Straße\nnach Gdańsk')]
        assert await notes.search("%_'") == []
        second.text = 'buy cheese'
        await notes.save(second)
        assert await notes.read(2) == second and second.version == 2
        await notes.delete(second)
        await expect(Changed, notes.read(2))
        await expect(Changed, notes.delete(second))
    Gco.run(main())


@point
def saves_what_is_typed_while_it_saves(notes):
    gate = Gate(notes)
    note = Note(text='a')
    task = Gco.spawn(notes.save(note))
    until(lambda: gate.arrived)
    note.text = 'ab'
    gate.opened.set()
    Gco.run(task_of(task))
    assert note.saved and notes.texts() == ['ab']


async def task_of(task):
    return await task


@point
def keeps_both_of_two_that_write_at_once(notes):
    async def main():
        mine = await add(notes, 'text')
        other = Store(notes.path)
        theirs = await other.read(mine.id)
        mine.text, theirs.text = 'mine', 'theirs'
        await other.save(theirs)
        await notes.save(mine)
        assert notes.texts() == ['mine', 'theirs'] and mine.id != theirs.id
        theirs.text = 'theirs again'
        await other.save(theirs)
        await expect(Changed, notes.delete(await stale(notes, theirs)))
    Gco.run(main())


async def stale(notes, note):
    """As it was before it was saved last."""
    return Note(note.id, note.version - 1)


# Who waits for whom

@point
def readers_are_together(notes):
    meeting = threading.Barrier(3)

    async def main():
        await add(notes, 'text')
        notes.on_connect = lambda: meeting.wait(PATIENCE)  # fails unless three are there
        tasks = [Gco.spawn(notes.search('')) for _ in range(2)] + [Gco.spawn(notes.read(1))]
        for task in tasks:
            await task
    Gco.run(main())
    assert notes.together == 3


@point
def first_come_first_served(notes):
    found = []

    async def search():
        found.append([text for _, text in await notes.search('')])
    assert notes.lock.trywrlock()
    todo = (add(notes, 'a'), search(), search(), add(notes, 'b'), search(), add(notes, 'c'))
    tasks = []
    for coroutine in todo:
        tasks.append(Gco.spawn(coroutine))
        settle()
    assert not notes.begun
    notes.lock.unlock()
    until(lambda: all(task.done() for task in tasks))
    assert found == [['a'], ['a'], ['b', 'a']]
    assert [verb for verb in notes.begun if verb != 'UPDATE'] == [
        'INSERT', 'SELECT', 'SELECT', 'INSERT', 'SELECT', 'INSERT'], notes.begun


@point
def who_deletes_lets_others_write_and_sees_it(notes):
    note = Gco.run(add(notes, 'old'))
    gate = Gate(notes)
    deleting = Gco.spawn(notes.delete(note))
    until(lambda: gate.arrived)  # it reads
    newer = Note(note.id, note.version, note.kept, 'new')
    saving = Gco.spawn(notes.save(newer))
    settle()
    gate.opened.set()
    Gco.run(expect(Changed, task_of(deleting)))
    Gco.run(task_of(saving))
    assert notes.texts() == ['new'] and notes.begun[-2:] == ['UPDATE', 'DELETE']


# Who gives up

def operations(notes, note):
    return {
        'search': lambda c: notes.search('', c), 'read': lambda c: notes.read(note.id, c),
        'save': lambda c: notes.save(Note(text='new'), c),
        'delete': lambda c: notes.delete(note, c),
        'add_all': lambda c: notes.add_all(batches(['1', '2'], ['3']), c)}


@point
def a_wait_that_is_cancelled_changes_nothing(notes):
    note = Gco.run(add(notes, 'text'))
    for by_task in False, True:
        for name, operation in operations(notes, note).items():
            assert notes.lock.trywrlock()
            cancellable = Gio.Cancellable()
            task, behind = Gco.spawn(operation(cancellable)), Gco.spawn(notes.search(''))
            settle()
            assert not task.done(), name
            if by_task:
                task.cancel()
            else:
                cancellable.cancel()
            until(task.done)
            notes.lock.unlock()
            until(behind.done)
            error = Gco.run(expect(BaseException, task_of(task)))
            assert isinstance(error, Gco.Cancelled) if by_task else is_cancelled(error), name
            notes.expect_idle()
    assert notes.texts() == ['text']


@point
def a_wait_for_the_upgrade_is_cancelled(notes):
    note = Gco.run(add(notes, 'text'))
    for by_task in False, True:
        assert notes.lock.tryrdlock()
        cancellable, begun = Gio.Cancellable(), len(notes.begun)
        task = Gco.spawn(notes.delete(note, cancellable))
        until(lambda: len(notes.begun) > begun and not notes.inside)
        settle()
        if by_task:
            task.cancel()
        else:
            cancellable.cancel()
        until(task.done)
        assert not notes.lock.trywrlock()  # the other one still reads
        notes.lock.unlock()
        error = Gco.run(expect(BaseException, task_of(task)))
        assert isinstance(error, Gco.Cancelled) if by_task else is_cancelled(error)
        notes.expect_idle()
    assert notes.texts() == ['text']


@point
def who_is_cancelled_in_a_thread_holds_the_lock_until_it_ends(notes):
    note = Gco.run(add(notes, 'text'))
    for name, operation in operations(notes, note).items():
        gate = Gate(notes)
        task = Gco.spawn(operation(None))
        until(lambda: gate.arrived)
        task.cancel()
        settle()
        assert not task.done() and not notes.lock.trywrlock(), name
        gate.opened.set()
        Gco.run(expect(Gco.Cancelled, task_of(task)))
        notes.on_connect = lambda: None
        notes.expect_idle()
    assert not {'1', '2', '3'} & set(notes.texts())


@point
def cancelled_after_every_step(notes):
    """A step is one iteration of the main loop; how many there are, threads decide."""
    for by_task in False, True:
        for name in operations(notes, Note()):
            steps, done = 0, False
            while not done:
                note, cancellable = Gco.run(add(notes, 'text')), Gio.Cancellable()
                before = notes.texts()
                task = Gco.spawn(operations(notes, note)[name](cancellable))
                for _ in range(steps):
                    if not task.done():
                        GLib.MainContext.default().iteration(True)
                done = task.done()
                task.cancel() if by_task else cancellable.cancel()
                until(task.done)
                notes.expect_idle()
                after = {'save': ['new'], 'add_all': ['1', '2', '3']}.get(name, [])
                kept = notes.texts()
                assert kept == before or name == 'delete' and len(kept) == len(before) - 1 or (
                    kept == sorted(before + after)), (name, steps, kept)
                try:
                    task.result()
                except (Gco.Cancelled, GLib.Error):
                    assert not done
                steps += 1
            assert steps > 2, (name, steps)


@point
def many_at_once_of_whom_some_give_up(notes):
    seed = int(os.environ.get('GCO_TEST_SEED', random.randrange(1 << 30)))
    print(f'# GCO_TEST_SEED={seed}', flush=True)
    chance, tasks, saved = random.Random(seed), [], []

    async def work(number):
        cancellable = Gio.Cancellable()
        if chance.random() < .3:
            await_cancel = Gco.spawn(cancel_soon(cancellable, chance.randrange(4)))
            tasks.append(await_cancel)
        note = Note(text=f'{number}')
        try:
            kind = chance.randrange(4)
            if kind == 0:
                await notes.save(note, cancellable)
                saved.append(note.text)
            elif kind == 1:
                await notes.add_all(batches([f'{number}'], [f'{number} more']), cancellable)
                saved.extend([f'{number}', f'{number} more'])
            else:
                await notes.search('1', cancellable)
        except GLib.Error as error:
            assert is_cancelled(error)
            assert not note.saved

    async def cancel_soon(cancellable, times):
        for _ in range(times):
            await Gco.sleep(0)
        cancellable.cancel()
    tasks += [Gco.spawn(work(number)) for number in range(ROUNDS)]
    until(lambda: all(task.done() for task in tasks))
    for task in tasks:
        task.result()
    assert notes.texts() == sorted(saved)


@point
def a_long_import(notes):
    """Each list in another thread, and nothing of the one before is left in this one."""
    Gco.run(notes.add_all(batches(*([str(number)] for number in range(2 * ROUNDS)))))
    assert len(notes.texts()) == 2 * ROUNDS


# What fails

@point
def the_disk_is_full(notes):
    note = Gco.run(add(notes, 'text'))
    notes.set_up = 'PRAGMA max_page_count = 4'
    note.text = 'long ' * 10000
    assert 'full' in str(Gco.run(expect(sqlite3.OperationalError, notes.save(note))))
    notes.expect_idle()
    assert not note.saved and note.version == 1
    Gco.run(expect(sqlite3.OperationalError,
                   notes.add_all(batches(['small'], [note.text, note.text]))))
    notes.expect_idle()
    assert notes.texts() == ['text']
    notes.set_up = ''
    Gco.run(notes.save(note))
    assert note.saved and notes.texts() == [note.text]


@point
def another_program_has_it(notes):
    note, store.PATIENCE = Gco.run(add(notes, 'text')), 0
    with closing(sqlite3.connect(notes.path, isolation_level=None)) as other:
        other.execute('BEGIN EXCLUSIVE')
        note.text = 'changed'
        for coroutine in (notes.save(note), notes.search(''), notes.delete(note),
                          notes.add_all(batches(['a']))):
            assert 'locked' in str(Gco.run(expect(sqlite3.OperationalError, coroutine)))
            notes.expect_idle()
        other.execute('ROLLBACK')
    Gco.run(notes.save(note))
    assert notes.texts() == ['changed']


@point
def it_is_no_database(notes):
    with open(notes.path, 'w') as file:
        file.write('This is a letter, and not a database. ' * 100)
    for coroutine in notes.search(''), notes.save(Note(text='a')), notes.add_all(batches(['a'])):
        Gco.run(expect(sqlite3.DatabaseError, coroutine))
        notes.expect_idle()
    with open(notes.path) as file:
        assert file.read(16) == 'This is a letter'


@point
def what_is_imported_breaks_off(notes):
    async def broken():
        yield ['a', 'b']
        yield ['c']
        raise OSError('no network')
    Gco.run(add(notes, 'text'))
    Gco.run(expect(OSError, notes.add_all(broken())))
    notes.expect_idle()
    assert notes.texts() == ['text']
    Gco.run(notes.add_all(batches(['a', 'b'], [], ['c'])))
    assert notes.texts() == ['a', 'b', 'c', 'text']


print(f'1..{len(POINTS)}', flush=True)
failed = 0
for number, function in enumerate(POINTS, 1):
    verdict = 'ok'
    notes, store.PATIENCE = Watched(), PATIENCE
    try:
        function(notes)
        notes.expect_idle()
        notes.folder.cleanup()
    except Exception:
        verdict, failed = 'not ok', failed + 1
        print('# ' + traceback.format_exc().replace('\n', '\n# '))
    print(f'{verdict} {number} - {function.__name__}', flush=True)
sys.exit(failed > 0)
