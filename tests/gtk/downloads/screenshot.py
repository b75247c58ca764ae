#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""screenshot.py GJS MAIN PICTURE: what there is to see of examples/downloads, in both styles."""

import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
there = importlib.import_module('test-downloads')
drive, Reply, noise = there.drive, there.Reply, there.noise

PARTS = {'debian-12.iso': (62, .72), 'concert.flac': (31, .4), 'lecture-3.webm': (48, .31),
         'photographs.zip': (25, .5)}


def part(place, name):
    """A file of which not all comes."""
    megabytes, share = PARTS[name]
    data = noise(megabytes * 1_000_000)
    return place.server.serve(name, Reply(data, cut=int(len(data) * share), end='silence'))


def show(app, place):
    app.find('button', 'Clear libgco-1.0.tar.xz')
    for name, (megabytes, share) in PARTS.items():
        if name == 'photographs.zip':
            app.find('button', 'Pause concert.flac').press()
        wanted = f'{megabytes * share:.1f} MB of {megabytes}.0 MB'
        app.wait_for(lambda: there.rows(app)[name] == wanted)
    app.key('ctrl+t')
    app.find('label', '1,000 cancels, 0 locks leaked, order kept')


def main(picture):
    with drive.Desktop() as desktop, there.Place(desktop) as place:
        urls = [place.server.serve('changelog.html', Reply(status=404)),
                place.server.serve('libgco-1.0.tar.xz', Reply(noise(1_400_000))),
                *(part(place, name) for name in PARTS),
                *(place.server.serve(name, Reply()) for name in ('podcast.ogg', 'map.svg'))]
        halves = [place.path('light.png'), place.path('dark.png')]
        with place.start(*urls) as app:
            show(app, place)
            app.picture(halves[0])
            app.key('ctrl+d')
            app.wait_for(lambda: there.brightness(desktop) < 100)
            app.picture(halves[1])
            drive.run('convert', *halves, '+append', '+dither', '-colors', '255', '-strip', picture)
            there.close(app)


if __name__ == '__main__':
    main(sys.argv[3])
