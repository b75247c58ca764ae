#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""screenshot.py PROGRAM PICTURE: what there is to see of examples/thumbnail-wall, in both
styles. Of the pictures of the desktop, if there are any."""

import glob
import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
there = importlib.import_module('test-thumbnail-wall')
drive = there.drive

SIZE = '600', '560'
PATTERN = '/usr/share/backgrounds/**/*.jpg'


def fill(folder):
    pictures = sorted((path for path in glob.glob(PATTERN, recursive=True) if '_' not in path),
                      key=os.path.basename)
    for number in range(18 if pictures else 0):
        drive.run('convert', pictures[number % len(pictures)], '-resize', '4000x3000',
                  '-quality', '90', f'{folder.name}/{number:04}.jpg')
    if not pictures:
        folder.fill(range(18), there.LARGE)
    folder.put('0004-cut.jpg', there.images.JPEG[:200])
    for number in range(18, 300):
        for name in glob.glob(f'{folder.name}/{number % 18:04}.*'):
            os.link(name, f'{folder.name}/{number:04}{name[-4:]}')


def main(picture):
    with drive.Desktop() as desktop, there.Folder() as place:
        folder = there.Folder.__new__(there.Folder)
        folder.name, folder.masters = os.path.join(place, 'Pictures'), {}
        os.mkdir(folder.name)
        fill(folder)
        halves = [os.path.join(place, name) for name in ('light.png', 'dark.png')]
        with there.start(desktop, folder.name) as app:
            drive.run('xdotool', 'windowsize', app.windows()[0], *SIZE)
            app.wait_for(lambda: app.children[0].area[2:] == tuple(map(int, SIZE)))
            app.slider.set_value(2)
            app.key('F5')
            app.wait_for(lambda: there.status(app) and there.n_problems(app) == 1)
            app.picture(halves[0])
            app.slider.set_value(16)
            app.find('button', 'Main Menu').press()
            app.find('radio menu item', 'Dark').press()
            app.wait_for(lambda: max(desktop.screen.pixel(150, 20)) < 100, 'the dark style')
            there.wait_until_loaded(app)
            app.picture(halves[1])
            app.key('ctrl+q')
            app.expect_end()
        drive.run('convert', *halves, '+append', '+dither', '-colors', '255', '-strip', picture)


if __name__ == '__main__':
    main(sys.argv[2])
