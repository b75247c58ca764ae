# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/notes, as a person uses it. The samples come so slowly here that the import is
still on its way whenever something is to wait for it."""

import os
import re
import sqlite3
import sys
import time
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import drive
from drive import point

PROGRAM = [sys.executable, sys.argv[1]]
PACE = '2'  # seconds
# a button that libadwaita or GTK makes has its label twice for a name
UNDO, TRY_AGAIN, CLOSE_ANYWAY = (
    re.compile('^' + label) for label in ('Undo', 'Try Again', 'Close Anyway'))
CREATE = ('CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT,'
          ' version INTEGER NOT NULL, text TEXT NOT NULL)')


class Notes:
    """The program and its file."""

    def __init__(self, desktop, *texts):
        Notes.count = getattr(Notes, 'count', 0) + 1
        self.desktop, self.path = desktop, f'{desktop.home.name}/{Notes.count}.sqlite'
        if texts:
            with closing(sqlite3.connect(self.path)) as db, db:
                db.execute(CREATE)
                db.executemany('INSERT INTO notes (version, text) VALUES (1, ?)',
                               [(text,) for text in texts])

    def start(self):
        self.app = self.desktop.start([*PROGRAM, '--database', self.path, '--pace', PACE])
        return self.app

    def texts(self):
        with closing(sqlite3.connect(self.path)) as db:
            assert db.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
            return [text for text, in db.execute('SELECT text FROM notes ORDER BY id')]

    def rows(self):
        return [label.split('\n')[0] for row in self.app.labels('list item') for label in row]

    def expect(self, what, name=None):
        self.app.wait_for(what, name)

    def expect_rows(self, *titles):
        self.app.wait_for(lambda: self.rows() == list(titles), f'{titles} in the list')

    def expect_texts(self, *texts):
        self.app.wait_for(lambda: self.texts() == list(texts), f'{texts} in the file')

    def open(self, title):
        def click():
            for row in self.app.all('list item'):
                if row.all('label', re.compile('^' + title)):
                    row.click()
                    return True
            return False
        # the list may be made anew while one looks
        self.app.wait_for(click, title)
        self.app.wait_for(lambda: self.app.all('label', 'Saved'), 'the note')

    def has_banner(self):
        """AT-SPI does not say so: below the header there is no white paper."""
        return self.desktop.screen.pixel(600, 60) != (255, 255, 255)

    def expect_no_banner(self):
        self.app.wait_for(lambda: not self.has_banner(), 'the banner to go')

    def choose(self, item):
        """In the menu."""
        self.app.key('F10')
        role = 'radio menu item' if item.endswith('Style') else 'menu item'
        self.app.find(role, item).press()

    def first_is_chosen(self):
        return 'selected' in self.app.all('list item')[0].states

    def choose_first(self):
        """Once a second: what was in the place of the list may not be gone yet."""
        def chosen():
            if not self.first_is_chosen() and time.monotonic() > self.clicked + 1:
                self.app.all('list item')[0].click()
                self.clicked = time.monotonic()
            return self.first_is_chosen()
        self.clicked = 0
        self.app.wait_for(chosen, 'the first row')

    def start_import(self):
        self.choose('Import Samples')
        self.app.find('button', 'Cancel Import')


@point
def writes_a_first_note(desktop):
    notes = Notes(desktop)
    with notes.start() as app:
        app.find('label', 'No Notes')
        app.find('label', 'No Note Selected')
        app.find('button', 'New Note').press()
        app.find('text')
        app.type('Buy milk')
        notes.expect_rows('Buy milk')
        notes.expect_texts('Buy milk')
        app.find('label', 'Saved')
        app.type(' and bread')
        app.key('ctrl+q')  # before it was saved by itself
        app.expect_end()
    assert notes.texts() == ['Buy milk and bread'], notes.texts()


@point
def edits_what_is_chosen(desktop):
    notes = Notes(desktop, 'one', 'two\nand more', 'three')
    with notes.start() as app:
        notes.expect_rows('three', 'two', 'one')
        notes.open('two')
        assert app.find('text').text == 'two\nand more'
        app.find('text').click()
        app.key('ctrl+Home')
        app.type('twenty')
        notes.expect_rows('three', 'twentytwo', 'one')
        notes.open('one')
        assert app.find('text').text == 'one'
        app.find('text').click()
        app.key('ctrl+End')
        app.type(' and only')
        notes.open('three')  # before it was saved by itself
        app.wait_for(lambda: app.find('text').text == 'three', 'the third')
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['one and only', 'twentytwo\nand more', 'three'], notes.texts()


@point
def searches(desktop):
    notes = Notes(desktop, 'buy milk', 'call Zoë', 'Milk for the cat')
    with notes.start() as app:
        notes.expect_rows('Milk for the cat', 'call Zoë', 'buy milk')
        app.key('ctrl+f')
        app.type('MILK')
        notes.expect_rows('Milk for the cat', 'buy milk')
        app.type('shake')
        app.find('label', 'No Results')
        app.key('Escape')
        notes.expect_rows('Milk for the cat', 'call Zoë', 'buy milk')
        app.find('button', 'Search').press()
        app.wait_for(lambda: 'focused' in app.find('entry').states, 'the focus')
        app.type('cat')
        notes.expect_rows('Milk for the cat')
        app.key('ctrl+q')
        app.expect_end()


@point
def deletes_and_brings_back(desktop):
    notes = Notes(desktop, 'one', 'two')
    with notes.start() as app:
        notes.expect_rows('two', 'one')
        assert not app.find('button', 'Delete Note').sensitive
        notes.open('one')
        app.find('text').click()
        app.key('ctrl+Home', 'ctrl+Delete')  # a word
        notes.expect_rows('two', 'Empty Note')
        app.type('one')
        notes.expect_rows('two', 'one')
        app.all('list item')[1].click()
        app.key('Delete')
        # at once: it is there for 5 seconds only
        app.wait_for(lambda: [undo.press() or undo for undo in app.all('button', UNDO)], 'Undo')
        notes.expect_rows('one', 'two')
        notes.open('two')
        app.find('button', 'Delete Note').press()
        app.find('label', '“two” deleted')
        notes.expect_rows('one')
        # the focus of the list goes to the next row, which so is chosen
        app.wait_for(lambda: app.find('text').text == 'one', 'the next one')
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['one']


@point
def another_program_is_not_overwritten(desktop):
    notes = Notes(desktop, 'one', 'two')
    with notes.start() as app:
        notes.expect_rows('two', 'one')
        notes.open('one')
        with closing(sqlite3.connect(notes.path)) as db, db:
            db.execute("UPDATE notes SET text = 'theirs', version = version + 1 WHERE id = 1")
        app.key('Delete')
        app.find('label', 'Another program has changed or deleted the note.')
        app.wait_for(notes.has_banner, 'the banner')
        app.find('text').click()
        app.key('ctrl+End')
        app.type(' mine')
        notes.expect_rows('one mine', 'two', 'theirs')
        notes.expect_no_banner()
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['theirs', 'two', 'one mine']


@point
def a_wait_is_cancelled(desktop):
    notes = Notes(desktop, 'one', 'two')
    with notes.start() as app:
        notes.expect_rows('two', 'one')
        notes.start_import()
        app.key('ctrl+f')
        app.type('one')
        app.find('label', 'Waiting')
        app.find('button', 'Cancel').press()
        notes.expect_rows('two', 'one')  # as it was; to end the search would be another one
        notes.choose_first()
        app.wait_for(lambda: len(app.all('button', 'Cancel')) == 2, 'the wait of the editor')
        app.all('button', 'Cancel')[1].press()
        app.wait_for(lambda: not notes.first_is_chosen(), 'the end of the choice')
        notes.choose_first()  # waits, and is not cancelled
        app.find('button', 'Cancel Import').press()
        app.find('label', 'Saved')
        assert app.find('text').text == 'two'
        app.key('ctrl+f', 'ctrl+a')
        app.type('two')
        notes.expect_rows('two')
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['one', 'two']


@point
def types_while_it_imports(desktop):
    notes = Notes(desktop, 'one')
    with notes.start() as app:
        notes.expect_rows('one')
        notes.open('one')
        notes.start_import()
        app.find('text').click()
        app.key('ctrl+End')
        app.type(' more')
        app.find('label', 'Not saved yet')
        app.find('button', 'Cancel Import').press()
        app.find('label', 'Saved')
        notes.expect_texts('one more')
        app.key('ctrl+q')
        app.expect_end()


@point
def closes_while_it_imports(desktop):
    notes = Notes(desktop, 'one')
    with notes.start() as app:
        notes.expect_rows('one')
        notes.open('one')
        notes.start_import()
        app.find('text').click()
        app.key('ctrl+End')
        app.type(' more')
        app.find('button', 'Close').press()
        app.expect_end()
    assert notes.texts() == ['one more']


@point
def imports_all_or_is_killed(desktop):
    global PACE
    notes, pace = Notes(desktop), PACE
    with notes.start() as app:
        app.find('button', 'Import Samples').press()
        app.find('button', 'Cancel Import')
        app.kill()
    assert notes.texts() == []
    PACE = '0'
    with notes.start() as app:
        app.find('button', 'Import Samples').press()
        app.wait_for(lambda: len(notes.texts()) == 256)
        app.wait_for(notes.rows)
        notes.open('Music in Tartu, 2025')
        app.key('ctrl+q')
        app.expect_end()
    PACE = pace


@point
def the_file_is_something_else(desktop):
    notes = Notes(desktop)
    with open(notes.path, 'w') as file:
        file.write('A letter, and not a database. ' * 100)
    with notes.start() as app:
        app.find('label', 'File is not a database.')
        app.key('ctrl+n')
        app.find('text')
        app.type('kept')
        app.find('label', 'File is not a database. What you typed is not saved yet.')
        os.rename(notes.path, notes.path + '.letter')
        app.find('button', TRY_AGAIN).press()
        notes.expect_rows('kept')
        notes.expect_no_banner()
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['kept']


@point
def another_program_has_the_file(desktop):
    notes = Notes(desktop, 'one')
    with notes.start() as app, closing(sqlite3.connect(notes.path, isolation_level=None)) as db:
        notes.expect_rows('one')
        notes.open('one')
        db.execute('BEGIN IMMEDIATE')
        app.find('text').click()
        app.key('ctrl+End')
        app.type(' more')
        app.find('label', 'Database is locked. What you typed is not saved yet.')
        app.key('ctrl+q')  # does not end it
        app.find('button', CLOSE_ANYWAY)
        db.execute('ROLLBACK')
        app.find('label', 'Saved')  # by itself
        notes.expect_texts('one more')
        app.key('ctrl+q')
        app.expect_end()


@point
def closes_anyway(desktop):
    notes = Notes(desktop, 'one')
    with notes.start() as app, closing(sqlite3.connect(notes.path, isolation_level=None)) as db:
        notes.expect_rows('one')
        notes.open('one')
        db.execute('BEGIN IMMEDIATE')
        app.find('text').click()
        app.type('lost ')
        app.key('ctrl+q')
        app.find('button', CLOSE_ANYWAY).press()
        app.expect_end()
    assert notes.texts() == ['one']


@point
def shortcuts_style_and_about(desktop):
    notes = Notes(desktop, 'one')
    with notes.start() as app:
        notes.expect_rows('one')
        before = len(app.children)
        app.key('ctrl+question')
        app.wait_for(lambda: len(app.children) > before, 'the shortcuts')
        app.find('label', 'New note')
        app.focus()
        app.key('Escape')
        app.wait_for(lambda: len(app.children) == before, 'the window alone')
        app.focus()
        for style, dark in ('Dark Style', True), ('Light Style', False):
            notes.choose(style)
            app.wait_for(lambda: (desktop.screen.pixel(600, 300)[0] < 128) is dark, style)
        notes.choose('About Notes')
        app.find('label', 'The authors of libgco')
        app.focus()
        app.key('Escape')
        app.focus()
        app.key('ctrl+n')
        app.find('text')
        app.key('ctrl+q')
        app.expect_end()
    assert notes.texts() == ['one']


if __name__ == '__main__':
    drive.main()
