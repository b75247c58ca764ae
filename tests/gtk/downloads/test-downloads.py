#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-downloads.py GJS MAIN [POINT...]: drives examples/downloads. Speaks TAP.

The server does what it is told and remembers what it was asked; the files and the resume
file are looked at from outside."""

import json
import os
import re
import sys
import tempfile
import threading

ROOM = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(ROOM, '..'), os.path.join(ROOM, '../../examples')]

import drive  # noqa: E402
from fetch_server import Reply, Server, noise  # noqa: E402

COMMAND = [sys.argv[1], '-m', os.path.abspath(sys.argv[2])]
DATA = noise(3_000_000)
HALF = 1_234_567


class Place(tempfile.TemporaryDirectory):
    """A folder for downloads, and a server."""

    def __init__(self, desktop):
        super().__init__(prefix='gco-downloads-')
        self.folder = os.path.join(self.name, 'Downloads')
        self.desktop = desktop
        self.server = Server()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()
        super().__exit__(*args)

    def start(self, *urls):
        return self.desktop.start([*COMMAND, self.folder, *urls])

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def entries(self):
        return {entry['name']: entry for entry in json.loads(self.read('.downloads.json'))}

    def states(self):
        return {name: entry['state'] for name, entry in self.entries().items()}

    def stuck(self, name, **more):
        """The URL of a file of which half comes, and the rest if it is asked for again."""
        return self.server.serve(name, Reply(DATA, cut=HALF, end='silence', **more),
                                 Reply(DATA, **more))

    def check(self, *names):
        for name in names:
            assert self.read(name) == DATA, f'{name} is not what was sent'
            assert not os.path.exists(self.path(name + '.part')), name


class Gate:
    """Requests that are answered one by one, as the test likes."""

    def __init__(self, place, names):
        self.opened = {name: threading.Event() for name in names}
        self.urls = [place.server.serve(name, Reply(DATA, before=event.wait))
                     for name, event in self.opened.items()]
        self.server = place.server

    def open(self, *names):
        for name in names:
            self.opened[name].set()

    def asked(self):
        with self.server.lock:
            return [name for name, _, _ in self.server.asked]


def rows(app):
    """What one reads in each row, from the top."""
    return {row[0]: row[1].replace('\xa0', ' ') for row in app.labels('list item')}


def wait_for_half(app, *names):
    app.wait_for(lambda: all(rows(app).get(name, '').startswith('1.2 MB of 3.0 MB')
                             for name in names), 'half of it')


def brightness(desktop):
    """Of what is behind all rows."""
    return desktop.screen.pixel(6, 200)[0]


def leave_dialog(app, label):
    app.wait_for(lambda: len(app.windows()) == 2)
    app.focus()
    app.find('label', label)
    app.key('Escape')
    app.wait_for(lambda: len(app.windows()) == 1)
    app.focus()


def close(app, key='ctrl+w'):
    app.key(key)
    app.expect_end()


@drive.point
def placeholder_until_an_address_is_typed(desktop):
    with Place(desktop) as place, place.start() as app:
        url = place.server.serve('a%20file.bin', Reply(DATA))
        app.find('label', 'No Downloads')
        app.key('ctrl+n')
        app.wait_for(lambda: 'focused' in app.find('text', 'Address').states)
        app.type('gopher://old')
        app.key('Return')
        app.find('label', '“gopher://old” is not an address in the web')
        app.find('text', 'Address').set_text('')
        app.type(url)
        app.find('button', 'Download').press()
        app.find('button', 'Clear a file.bin')
        assert rows(app) == {'a file.bin': '3.0 MB'}, rows(app)
        place.check('a file.bin')
        app.find('button', 'Clear a file.bin').press()
        app.wait_for(lambda: not rows(app))
        close(app)
        place.check('a file.bin')
        assert place.entries() == {}


@drive.point
def takes_many_addresses_at_once(desktop):
    with Place(desktop) as place, place.start() as app:
        names = ['one', 'two', 'three']
        urls = [place.server.serve(name, Reply(DATA)) for name in names]
        app.key('ctrl+n')
        app.wait_for(lambda: 'focused' in app.find('text', 'Address').states)
        app.find('text', 'Address').set_text(' '.join(urls))
        app.key('Return')
        for name in names:
            app.find('button', f'Clear {name}')
        assert list(place.entries()) == names, place.entries()
        place.check(*names)
        close(app)


@drive.point
def pauses_and_resumes_where_it_was(desktop):
    with Place(desktop) as place, place.start(place.stuck('film')) as app:
        wait_for_half(app, 'film')
        app.find('button', 'Pause film').press()
        app.find('button', 'Resume film')
        app.wait_for(lambda: place.entries()['film']['size'] == HALF)
        assert place.states() == {'film': 'paused'}
        app.find('button', 'Resume film').press()
        app.find('button', 'Clear film')
        place.check('film')
        assert place.server.asked[1] == ('film', f'bytes={HALF}-', '"1"'), place.server.asked
        close(app)


@drive.point
def cancels_what_runs_waits_and_is_paused(desktop):
    names = ['a', 'b', 'c', 'd']
    with Place(desktop) as place, place.start(*map(place.stuck, names)) as app:
        wait_for_half(app, 'a', 'b', 'c')
        app.find('button', 'Pause b').press()
        wait_for_half(app, 'd')
        app.find('button', 'Resume b').press()
        app.wait_for(lambda: rows(app)['b'].startswith('Number 1 in line'))
        app.find('button', 'Cancel b').press()
        app.find('button', 'Pause c').press()
        for name in ('a', 'c', 'd'):
            app.find('button', f'Cancel {name}').press()
        app.wait_for(lambda: not rows(app), 'no rows')
        app.find('label', 'No Downloads')
        close(app)
        assert os.listdir(place.folder) == ['.downloads.json'], os.listdir(place.folder)
        assert place.entries() == {}


@drive.point
def says_what_failed_and_retries(desktop):
    with Place(desktop) as place:
        bad = place.server.serve('bad', Reply(status=503), Reply(DATA))
        cut = place.server.serve('cut', Reply(DATA, cut=HALF), Reply(DATA))
        with place.start(bad, cut, 'http://127.0.0.1:1/unreachable') as app:
            for name in ('bad', 'cut', 'unreachable'):
                app.find('button', f'Retry {name}')
            assert rows(app)['bad'] == '503 Service Unavailable', rows(app)
            assert 'Connection refused' in rows(app)['unreachable'], rows(app)
            app.find('button', 'Retry bad').press()
            app.find('button', 'Retry cut').press()
            app.find('button', 'Clear bad')
            app.find('button', 'Clear cut')
            place.check('bad', 'cut')
            assert place.server.ranges('cut') == [None, f'bytes={HALF}-']
            close(app)
            assert place.states() == {'bad': 'done', 'cut': 'done', 'unreachable': 'failed'}


@drive.point
def as_many_run_as_there_are_slots(desktop):
    names = list('abcdefgh')
    with Place(desktop) as place:
        gate = Gate(place, names)
        with place.start(*gate.urls) as app:
            app.find('label', '3 downloading, 5 waiting')
            place.server.wait_until_asked(3)
            app.find('spin button', 'Downloads at Once').set_value(1)
            for name, number in zip('ab', (2, 1)):
                gate.open(name)
                app.find('label', f'{number} downloading, 5 waiting')
            gate.open('c')
            app.find('label', '1 downloading, 4 waiting')
            place.server.wait_until_asked(4)
            waiting = [text for text in rows(app).values() if text.startswith('Number')]
            assert waiting == [f'Number {n} in line' for n in (1, 2, 3, 4)], rows(app)
            app.find('spin button', 'Downloads at Once').set_value(3)
            app.find('label', '3 downloading, 2 waiting')
            place.server.wait_until_asked(6)
            gate.open(*names)
            for name in names:
                app.find('button', f'Clear {name}')
            assert sorted(gate.asked()[:3]) == list('abc'), gate.asked()
            assert gate.asked()[3] == 'd', gate.asked()
            assert sorted(gate.asked()[4:6]) == list('ef'), gate.asked()
            place.check(*names)
            close(app)


@drive.point
def completions_at_once_lose_no_entry(desktop):
    names = [f'file-{n}' for n in range(10)]
    with Place(desktop) as place:
        gate = Gate(place, names)
        with place.start() as app:
            app.find('spin button', 'Downloads at Once').set_value(10)
            app.key('ctrl+n')
            app.find('text', 'Address').set_text(' '.join(gate.urls + gate.urls[:1]))
            app.key('Return')
            app.find('label', '10 downloading, 1 waiting')
            place.server.wait_until_asked(10)
            gate.open(*names)
            names.append('file-0 (2)')
            for name in names:
                app.find('button', f'Clear {name}')
            close(app)
            assert place.states() == dict.fromkeys(names, 'done'), place.states()
            place.check(*names)


@drive.point
def goes_on_after_a_kill(desktop):
    with Place(desktop) as place:
        urls = [place.stuck('same'), place.server.serve(
            'other', Reply(noise(4_000_000, 2), etag='"old"', cut=HALF, end='silence'),
            Reply(DATA, etag='"new"'))]
        with place.start(*urls) as app:
            wait_for_half(app, 'same')
            app.wait_for(lambda: os.path.getsize(place.path('other.part')) == HALF)
            app.kill()
        assert place.states() == {'same': 'running', 'other': 'running'}
        with place.start() as app:
            app.find('button', 'Clear same')
            app.find('button', 'Clear other')
            place.check('same', 'other')
            close(app)
        assert place.server.ranges('same')[1:] == [f'bytes={HALF}-'], place.server.asked
        assert ('other', f'bytes={HALF}-', '"old"') in place.server.asked, place.server.asked


@drive.point
def closes_in_the_middle(desktop):
    for key in ('ctrl+w', 'ctrl+q'):
        with Place(desktop) as place:
            with place.start(*map(place.stuck, 'abcd')) as app:
                wait_for_half(app, 'a', 'b', 'c')
                app.find('button', 'Pause b').press()
                wait_for_half(app, 'd')
                close(app, key)
            assert place.states() == {'a': 'running', 'b': 'paused', 'c': 'running',
                                      'd': 'running'}, place.states()
            assert {entry['size'] for entry in place.entries().values()} == {HALF}
            with place.start() as app:
                for name in 'acd':
                    app.find('button', f'Clear {name}')
                app.find('button', 'Resume b')
                place.check('a', 'c', 'd')
                close(app)


@drive.point
def stress_leaks_no_lock(desktop):
    """While all slots are in use, and then while all are free."""
    names = list('abcde')
    with Place(desktop) as place:
        gate = Gate(place, names)
        with place.start(*gate.urls) as app:
            app.find('label', '3 downloading, 2 waiting')
            for _ in range(2):
                app.key('ctrl+t')
                said = app.find('label', re.compile('cancels,')).name
                assert said == '1,000 cancels, 0 locks leaked, order kept', said
                app.find('filler', 'GtkInfoBar').find('button').press()
                app.wait_for(lambda: not app.all('label', said))
                gate.open(*names)
                for name in names:
                    app.find('button', f'Clear {name}')
            place.check(*names)
            close(app)


@drive.point
def says_that_the_resume_file_is_broken(desktop):
    with Place(desktop) as place:
        os.mkdir(place.folder)
        with open(place.path('.downloads.json'), 'w') as file:
            file.write('no JSON\n')
        with place.start() as app:
            app.find('label', re.compile('^The resume file cannot be used: '))
            close(app)
        assert place.read('.downloads.json') == b'no JSON\n'


@drive.point
def menu_shortcuts_about_and_dark(desktop):
    with Place(desktop) as place, place.start() as app:
        app.wait_for(lambda: brightness(desktop) > 200)
        app.key('ctrl+d')
        app.wait_for(lambda: brightness(desktop) < 100)
        app.key('ctrl+shift+d')
        app.wait_for(lambda: brightness(desktop) > 200)
        app.key('F10')
        app.find('menu item', 'About Downloads').press()
        leave_dialog(app, 'The authors of libgco')
        app.key('ctrl+question')
        leave_dialog(app, 'Add a download')
        close(app)


if __name__ == '__main__':
    drive.main()
