# SPDX-License-Identifier: LGPL-2.1-or-later
"""Notes in a SQLite file: /usr/bin/python3 main.py [--database FILE]"""

import argparse

import gi
gi.require_versions({'Adw': '1', 'Gco': '1', 'Gtk': '4.0'})
from gi.repository import Adw, Gio, GLib, Gtk

from store import Store
from window import Window

SHORTCUTS = (('', 'Delete', 'Delete the note that is chosen in the list'),
             ('win.new', '<Control>n', 'New note'), ('win.find', '<Control>f', 'Search'),
             ('win.show-help-overlay', '<Control>question', 'Keyboard shortcuts'),
             ('window.close', '<Control>q', 'Quit'))
HELP = ('<interface><object class="GtkShortcutsWindow" id="help"><property name="modal">1'
        '</property><child><object class="GtkShortcutsSection"><child><object class='
        '"GtkShortcutsGroup">{}</object></child></object></child></object></interface>')
SHORTCUT = ('<child><object class="GtkShortcutsShortcut"><property name="accelerator">{}'
            '</property><property name="title">{}</property></object></child>')


def activate(app, options):
    GLib.mkdir_with_parents(GLib.path_get_dirname(options.database), 0o700)
    window = Window(Store(options.database), options.pace, application=app)
    shortcuts = [SHORTCUT.format(GLib.markup_escape_text(accel), title)
                 for _, accel, title in SHORTCUTS]
    builder = Gtk.Builder.new_from_string(HELP.format(''.join(shortcuts)), -1)
    window.set_help_overlay(builder.get_object('help'))
    for action, accel, _ in SHORTCUTS[1:]:
        app.set_accels_for_action(action, [accel])
    app.add_action(Gio.PropertyAction.new('style', app.get_style_manager(), 'color-scheme'))
    window.present()


parser = argparse.ArgumentParser()
parser.add_argument('--database', default=GLib.get_user_data_dir() + '/gco-notes.sqlite')
parser.add_argument('--pace', type=float, default=0.05, help='seconds, of the samples')
app = Adw.Application(application_id='org.example.GcoNotes',
                      flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect('activate', activate, parser.parse_args())
raise SystemExit(app.run())
