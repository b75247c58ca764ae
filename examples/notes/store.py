# SPDX-License-Identifier: LGPL-2.1-or-later
"""Notes in a SQLite file, the same as notes-service's. SQLite blocks, so it works in threads:
many that read, each with a connection of its own, or one that writes. Those who wait stand in
one line. A cancellable ends the wait there; what has begun is always done, or undone."""

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass

from gi.repository import Gco

PATIENCE = 2  # seconds, for another program
CREATE = ('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY AUTOINCREMENT,'
          ' version INTEGER NOT NULL, text TEXT NOT NULL)')
SEARCH = ('SELECT id, substr(text, 1, 200) FROM notes'
          ' WHERE instr(casefold(text), casefold(?)) ORDER BY id DESC')
READ = 'SELECT id, version, text FROM notes WHERE id = ?'
ADD = 'INSERT INTO notes (version, text) VALUES (1, ?)'
EDIT = 'UPDATE notes SET text = ?, version = version + 1 WHERE id = ? AND version = ?'
DELETE = 'DELETE FROM notes WHERE id = ? AND version = ? RETURNING id'


@dataclass
class Note:
    id: int = 0  # it is new
    version: int = 0  # another one for each text in the file
    kept: str = ''  # in the file
    text: str = ''  # as it was typed
    saved = property(lambda self: self.text == self.kept)


class Changed(sqlite3.Error):
    """Another program has changed or deleted the note"""


class Store:
    def __init__(self, path):
        self.path = path
        self.lock = Gco.AsyncRwlock()

    async def search(self, words, cancellable=None):
        """The notes with these words in them, as (id, beginning), the newest first."""
        async with self.lock.reader(cancellable):
            return await self._sql(SEARCH, words)

    async def read(self, note_id, cancellable=None):
        async with self.lock.reader(cancellable):
            rows = await self._sql(READ, note_id)
        if not rows:
            raise Changed
        return Note(*rows[0], text=rows[0][2])

    async def save(self, note, cancellable=None):
        """With what is typed meanwhile. Nothing is lost: if another program has changed the
        note, this becomes another one."""
        while note and not note.saved:
            async with self.lock.writer(cancellable):
                text, row = note.text, ' RETURNING id, version, text'
                [(note.id, note.version, note.kept)] = (
                    await self._sql(EDIT + row, text, note.id, note.version)
                    or await self._sql(ADD + row, text))

    async def delete(self, note, cancellable=None):
        """If it is as it was. Those who read need not stop for it to be found out."""
        async with self.lock.reader(cancellable):
            rows = await self._sql(READ, note.id)
            if not rows or rows[0][1] != note.version:
                raise Changed
            # others may go first, and write: it is this version or none
            await self.lock.upgrade(cancellable)
            if not await self._sql(DELETE, note.id, note.version):
                raise Changed

    async def add_all(self, batches, cancellable=None):
        """What an asynchronous iterator brings, list by list: all of it, or nothing."""
        async with self.lock.writer(cancellable):
            stack = ExitStack()
            try:
                db = await Gco.to_thread(lambda: stack.enter_context(closing(self._connect())))
                async for texts in batches:
                    rows = [(text,) for text in texts]
                    # a cursor must not be freed in one thread while another uses the file
                    await Gco.to_thread(lambda: db.executemany(ADD, rows).close())
                await Gco.to_thread(db.commit)
            finally:
                await Gco.to_thread(stack.close)  # takes back what is not committed

    async def _sql(self, statement, *values):
        def execute():
            with closing(self._connect()) as db, db:
                return db.execute(statement, values).fetchall()
        return await Gco.to_thread(execute)

    def _connect(self):
        db = sqlite3.connect(self.path, timeout=PATIENCE, check_same_thread=False)
        db.create_function('casefold', 1, str.casefold)
        db.execute(CREATE)
        return db
