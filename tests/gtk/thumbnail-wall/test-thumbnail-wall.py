#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test-thumbnail-wall.py PROGRAM [POINT...]: drives examples/thumbnail-wall. Speaks TAP.

How many pictures are decoded at once is seen from outside: by the files that the program
has open. So is how smoothly it scrolls: by what is on the screen, and when."""

import os
import re
import sys
import tempfile

ROOM = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(ROOM, '..'), os.path.join(ROOM, '../../examples')]

import drive  # noqa: E402
import frames  # noqa: E402
import images  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
COLOURS = [(200, 40, 40), (40, 160, 40), (40, 40, 200), (200, 160, 40), (160, 40, 160),
           (40, 160, 160), (120, 120, 120)]
SMALL, LARGE, HUGE = (320, 240), (2400, 1800), (4000, 3000)  # 2, 25, 70 ms to decode
WITHOUT_PICTURE = 9
# GTK 4.8 loses count of its columns at times, and then scrolls to another place
KNOWN = 'Gtk-WARNING .*(?:ran out of items|GtkGridView failed to scroll to given position)'


class Folder(tempfile.TemporaryDirectory):
    """With pictures in it, of which many share their bytes."""

    def __init__(self):
        super().__init__(prefix='gco-wall-')
        self.masters = {}

    def put(self, name, data):
        path = os.path.join(self.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)

    def fill(self, numbers, size=SMALL):
        """NUMBER.png, of the colour with that number."""
        for number in numbers:
            name, key = f'{number:04}.png', (size, number % len(COLOURS))
            if key not in self.masters:
                self.put(name, images.png(*size, COLOURS[key[1]]))
                self.masters[key] = os.path.join(self.name, name)
            else:
                os.link(self.masters[key], os.path.join(self.name, name))
        return self

    def break_some(self):
        """Adds files that are none, between those that are: WITHOUT_PICTURE."""
        for number in range(4):
            self.put(f'{number:04}-text.png', b'this is no picture\n' * 100)
            self.put(f'{number:04}-cut.png', images.png(*SMALL, COLOURS[0])[:40])
        self.put('0100-empty.png', b'')  # which GIO does not take for a picture
        self.put('0200-cut.jpg', images.JPEG[:200])
        return self

    def opened_by(self, app):
        """The names of those that the application has open, now."""
        folder, names = f'/proc/{app.process.pid}/fd', set()
        for entry in os.listdir(folder):
            try:
                path = os.readlink(os.path.join(folder, entry))
            except FileNotFoundError:
                continue
            if path.startswith(self.name + '/') and path[-4:] in ('.png', '.jpg'):
                names.add(os.path.basename(path))
        return names


def start(desktop, folder):
    app = desktop.start([PROGRAM, folder])
    app.bar = app.find(name='GtkActionBar')
    app.status = None
    app.slider = app.bar.find('slider', 'Decode at once')
    return app


def status(app):
    """(decoding, waiting), or None when all is done."""
    if app.status is None:
        found = app.bar.all('label', re.compile('decoding'))
        app.status = found[0] if found else None
    return tuple(map(int, re.findall(r'\d+', app.status.name))) or None if app.status else None


def wait_until_loaded(app):
    app.wait_for(lambda: app.find('label', re.compile('^[1-9].* pictures?$')), 'pictures')
    app.wait_for(lambda: status(app) is None, 'the end of loading')


def tiles(app):
    """Those in sight, by the names of their files."""
    return {name: tile for name, tile in app.named('filler').items() if name[-4:] == '.png'}


def expect_colours(desktop, app, numbers):
    """Each tile with one of these that is wholly in sight shows its picture."""
    wanted, names = {f'{n:04}.png' for n in numbers}, []
    for name, tile in tiles(app).items():
        if name not in wanted:
            continue
        x, y, width, height = tile.area
        if y < 60 or y + height > 590:
            continue
        colour = COLOURS[int(name[:4]) % len(COLOURS)]
        place = x + width // 2, y + height // 2
        app.wait_for(lambda: desktop.screen.pixel(*place) == colour, f'the colour of {name}')
        names.append(name)
    assert len(names) >= 5, names


def go_to(app, key, name):
    """With the keyboard, to an end of the wall, where @name is to be seen."""
    app.find('table cell').click()
    app.key(key)
    app.wait_for(lambda: name in tiles(app), name)


def n_problems(app):
    found = app.all('label', re.compile('^[0-9]+ files? could not be shown'))
    return int(found[0].name.split()[0]) if found else 0


@drive.point
def shows_all_pictures(desktop):
    folder = Folder().fill(range(300)).break_some()
    with folder, start(desktop, folder.name) as app:
        app.find('label', '309 pictures')
        wait_until_loaded(app)
        expect_colours(desktop, app, range(20))
        go_to(app, 'End', '0299.png')
        wait_until_loaded(app)
        expect_colours(desktop, app, range(290, 300))
        assert n_problems(app) == WITHOUT_PICTURE, n_problems(app)
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def explains_what_it_cannot_show(desktop):
    folder = Folder().fill(range(5)).break_some()
    with folder, start(desktop, folder.name) as app:
        wait_until_loaded(app)
        assert n_problems(app) == WITHOUT_PICTURE
        app.find('button', 'Details').press()
        text = app.find('label', re.compile('0001-text.png: ')).text
        assert len(text.splitlines()) == WITHOUT_PICTURE, text
        app.key('Escape')
        # those that are mended are shown after a reload
        for name in os.listdir(folder.name):
            if not re.fullmatch(r'\d+\.png', name):
                os.unlink(os.path.join(folder.name, name))
        app.wait_for(lambda: len(app.windows()) == 1)
        app.key('F5')
        app.find('label', '5 pictures')
        wait_until_loaded(app)
        assert n_problems(app) == 0
        app.key('ctrl+w')
        app.expect_end(known=KNOWN)


def most_at_once(app, folder, until):
    """How many files were open at most until until() said so."""
    most = 0

    def look():
        nonlocal most
        most = max([most] + [len(folder.opened_by(app)) for _ in range(50)])
        return until()
    app.wait_for(look)
    return most


@drive.point
def slider_sets_how_many_decode_at_once(desktop):
    folder = Folder().fill(range(50), HUGE)
    with folder, start(desktop, folder.name) as app:
        for number in (1, 3, 8):
            app.slider.set_value(number)
            # on a busy machine all may be over before we look
            for attempt in range(frames.TRIES):
                app.key('F5')
                app.wait_for(lambda: status(app) is not None)
                app.wait_for(lambda: len(folder.opened_by(app)) <= number)
                most = most_at_once(app, folder, lambda: status(app) is None)
                drive.say(f'{number} at once: {most} files open at most')
                if most >= number:
                    break
            assert most == number, most
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def slider_works_while_it_loads(desktop):
    folder = Folder().fill(range(150), HUGE)
    with folder, start(desktop, folder.name) as app:
        app.slider.set_value(8)
        app.wait_for(lambda: len(folder.opened_by(app)) == 8)
        # what runs ends, and nothing is begun before less than two do
        app.slider.set_value(2)
        app.wait_for(lambda: len(folder.opened_by(app)) <= 2)
        waiting = status(app)[1]
        assert waiting > 50, waiting
        most = most_at_once(app, folder, lambda: status(app)[1] < waiting - 20)
        assert most == 2, most
        app.slider.set_value(5)
        app.wait_for(lambda: len(folder.opened_by(app)) == 5)
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def what_is_scrolled_away_is_not_decoded(desktop):
    folder = Folder().fill(range(1000), LARGE)
    with folder, start(desktop, folder.name) as app:
        app.slider.set_value(1)
        app.key('F5')
        app.find('label', '1000 pictures')
        before = app.wait_for(lambda: status(app), 'the beginning of loading')[1]
        opened = set()

        def look():
            opened.update(folder.opened_by(app))
            return status(app) is None
        go_to(app, 'End', '0999.png')
        app.wait_for(look, 'the end of loading')
        early = [name for name in opened if int(name[:4]) < 500]
        drive.say(f'{before} waited, {len(early)} of them were seen to be decoded;'
                  f' then {len(opened) - len(early)} at the end')
        assert before > 100 and len(early) < before / 2 < len(opened) - len(early)
        expect_colours(desktop, app, range(990, 1000))
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def scrolls_smoothly_while_it_loads(desktop):
    folder = Folder().fill(range(1000), HUGE)
    small = Folder().fill(range(1000))
    with folder, small:
        for attempt in range(frames.TRIES):
            with start(desktop, small.name) as app:
                wait_until_loaded(app)
                alone = frames.watch(desktop, app)
                app.key('ctrl+q')
                app.expect_end(known=KNOWN)
            with start(desktop, folder.name) as app:
                app.find('label', '1000 pictures')
                busy = frames.watch(desktop, app)
                loaded = status(app) is None
                app.key('ctrl+q')
                app.expect_end(known=KNOWN)
            drive.say(f'small pictures: {alone}\nhuge ones: {busy}')
            if loaded:
                drive.say('but they were there before the end: see KNOWN')
            elif busy.smooth(alone):
                return
        raise AssertionError('frames were late, or it did not load all the while')


@drive.point
def shows_a_placeholder(desktop):
    folder = Folder()
    with folder, start(desktop, folder.name) as app:
        app.find('label', 'No Pictures')
        app.key('ctrl+o')
        app.wait_for(lambda: len(app.windows()) == 2, 'the dialog')
        app.focus()
        app.key('Escape')
        app.wait_for(lambda: len(app.windows()) == 1)
        app.focus()
        folder.fill(range(1))
        app.find('button', 'Reload').press()
        wait_until_loaded(app)
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)
    with start(desktop, folder.name) as app:
        app.find('label', 'No Pictures')
        app.wait_for(lambda: n_problems(app) == 1, 'that there is no folder')
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def has_a_menu(desktop):
    folder = Folder()
    with folder, start(desktop, folder.name) as app:
        light = desktop.screen.pixel(300, 20)
        app.find('button', 'Main Menu').press()
        app.find('radio menu item', 'Dark').press()
        app.wait_for(lambda: max(desktop.screen.pixel(300, 20)) < 100 < min(light), 'the dark')
        for keys, item in (('ctrl+question', None), (None, 'About Thumbnail Wall')):
            if keys is not None:
                app.key(keys)
            else:
                app.find('button', 'Main Menu').press()
                app.find('menu item', item).press()
            app.wait_for(lambda: len(app.children) == 2, item or keys)
            app.focus()
            app.key('Escape')
            app.wait_for(lambda: len(app.windows()) == 1)
            app.focus()
        app.key('ctrl+q')
        app.expect_end(known=KNOWN)


@drive.point
def closes_while_it_loads(desktop):
    folder = Folder().fill(range(300), HUGE)
    with folder:
        for how in ('ctrl+q', 'ctrl+w', 'Close'):
            with start(desktop, folder.name) as app:
                app.slider.set_value(16)
                app.wait_for(lambda: len(folder.opened_by(app)) > 4)
                if how == 'Close':
                    app.find('button', how).press()
                else:
                    app.key(how)
                app.expect_end(known=KNOWN)


if __name__ == '__main__':
    drive.main()
