# SPDX-License-Identifier: LGPL-2.1-or-later
"""screenshot.py MAIN PICTURE: what there is to see of examples/notes, in both styles."""

import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
there = importlib.import_module('test-window')
drive = there.drive

TEXTS = (
    'Postcards\n\nGrandmother\nBoth neighbours, who water the plants',
    'Books to bring back\n\nThe one about bridges\nTwo to the library, by Friday',
    'Birthday of Maja\n\nA cake without nuts\nAsk Zoë for the big table',
    'Talk on Thursday\n\nOne idea a slide\nShow the line in front of the lock',
    'Bread\n\n500 g flour, 375 g water, 10 g salt\nFold it three times',
    'Weekend in Gdańsk\n\nThe night train leaves at 22:14, coach 9.\n\nPack\n    raincoat\n'
    '    charger\n    the good pen\n\nSee\n    the museum of amber, closed on Mondays\n'
    '    the lighthouse, if the weather holds\n\nMaja knows a place to eat behind the market.')


def main(picture):
    with drive.Desktop() as desktop:
        notes = there.Notes(desktop, *TEXTS)
        halves = [notes.path + '-light.png', notes.path + '-dark.png']
        with notes.start() as app:
            app.wait_for(lambda: len(notes.rows()) == len(TEXTS))
            notes.open('Weekend')
            notes.start_import()
            app.key('ctrl+f')
            app.type('museum')
            app.find('label', 'Waiting')
            # the bar goes some way
            app.wait_for(lambda: desktop.screen.pixel(24, 577)[0] < 128, 'some progress')
            app.picture(halves[0])
            app.find('button', 'Cancel Import').press()
            app.key('ctrl+a')
            app.type('the')
            notes.expect_rows(*(text.partition('\n')[0] for text in TEXTS[::-1] if 'the' in text))
            notes.choose('Dark Style')
            app.find('text').click()
            app.wait_for(lambda: desktop.screen.pixel(600, 500)[0] < 128, 'the dark style')
            app.picture(halves[1])
            app.key('ctrl+q')
            app.expect_end()
        drive.run('convert', *halves, '+append', '+dither', '-colors', '255', '-strip', picture)


if __name__ == '__main__':
    main(sys.argv[2])
