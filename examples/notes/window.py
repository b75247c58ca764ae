# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window. Whatever in it may have to wait is a coroutine, started by a handler."""

import sqlite3
from os.path import commonprefix

from gi.repository import Adw, Gco, Gio, GLib, Gtk, Pango

from store import Note

MENU = (('Import Samples', 'win.import'), ('Light Style', 'app.style::force-light'),
        ('Dark Style', 'app.style::force-dark'), ('About Notes', 'win.about'),
        ('Keyboard Shortcuts', 'win.show-help-overlay'))
SAMPLES = [f'{what} in {where}, {year}\n\nAsk Maja, who was there\nTickets are in the drawer'
           for year in range(2018, 2026) for what in ('A talk', 'Eating out', 'Museums', 'Music')
           for where in ('Bologna', 'Cork', 'Gdańsk', 'Graz', 'Lisbon', 'Malmö', 'Oulu', 'Tartu')]


def title_of(text):
    return text.strip().partition('\n')[0] or 'Empty Note'


def row(text):
    title = GLib.markup_escape_text(title_of(text))
    rest = GLib.markup_escape_text(' '.join(text.strip().partition('\n')[2].split()))
    return Gtk.Label(label=f'<b>{title}</b>\n<span size="small" alpha="65%">{rest}</span>',
                     use_markup=True, xalign=0, ellipsize=Pango.EllipsizeMode.END,
                     margin_top=6, margin_bottom=6)


def box(*children, **properties):
    result = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, **properties)
    for child in children:
        result.append(child)
    return result


def button(action, label, *styles, icon=None):
    look = {'icon_name': icon, 'tooltip_text': label} if icon else {'label': label}
    result = Gtk.Button(css_classes=styles, **look)
    result.set_detailed_action_name(action)
    result.update_property([Gtk.AccessibleProperty.LABEL], [label])
    return result


def page(icon, title, description, *children):
    return Adw.StatusPage(icon_name=icon, title=title, description=description,
                          child=box(*children, spacing=12, halign=Gtk.Align.CENTER))


def stack(place, **pages):
    pages['waiting'] = page(None, 'Waiting', 'Notes are being written.',
                            Gtk.Spinner(spinning=True, height_request=32),
                            button('win.cancel::' + place, 'Cancel', 'pill'))
    result = Gtk.Stack(transition_type=Gtk.StackTransitionType.CROSSFADE, vexpand=True)
    for name, child in pages.items():
        result.add_named(child, name)
    return result


class Window(Adw.ApplicationWindow):
    def __init__(self, store, pace, **properties):
        super().__init__(title='Notes', default_width=900, default_height=600, **properties)
        self.store, self.pace = store, pace
        self.found, self.note = [], None  # in the list: (id, beginning); in the editor
        self.pages, self.waits = {}, {}  # in each place: Gtk.Stack; the newest Gio.Cancellable
        self.toasts = Adw.ToastOverlay(child=Gtk.Paned(
            start_child=self._build_list(), shrink_start_child=False, position=320,
            end_child=self._build_editor(), shrink_end_child=False))
        self.set_content(self.toasts)
        self.add_action_entries([
            ('new', lambda *_: self._start('editor', self._new, '')),
            ('find', lambda *_: (self.search_bar.set_search_mode(True), self.entry.grab_focus())),
            ('delete', lambda *_: self._start('editor', self._delete)),
            ('import', lambda *_: self._start('import', self._import)),
            ('cancel', lambda _, place, __: self.waits[place.unpack()].cancel(), 's'),
            ('about', lambda *_: Adw.AboutWindow(
                transient_for=self, application_name='Notes', license_type=Gtk.License.LGPL_2_1,
                developer_name='The authors of libgco').present())])
        self._start('file', self._sync, 0)

    def _build_list(self):
        menu = Gio.Menu()
        for item in MENU:
            menu.append(*item)
        header = Adw.HeaderBar(show_end_title_buttons=False)
        header.pack_start(button('win.new', 'New Note', icon='list-add-symbolic'))
        header.pack_end(Gtk.MenuButton(icon_name='open-menu-symbolic', primary=True,
                                       menu_model=menu, tooltip_text='Main Menu'))
        header.pack_end(button('win.find', 'Search', icon='edit-find-symbolic'))
        self.entry = Gtk.SearchEntry(placeholder_text='Search', hexpand=True)
        self.entry.connect('search-changed', lambda _: self._start('list', self._search))
        self.search_bar = Gtk.SearchBar(child=self.entry)
        self.search_bar.connect_entry(self.entry)
        self.list = Gtk.ListBox(css_classes=['navigation-sidebar'])
        self.on_row = self.list.connect('row-selected', self._on_row_selected)
        keys = Gtk.ShortcutController()  # of the list: in the text it is another key
        keys.add_shortcut(Gtk.Shortcut.new(Gtk.ShortcutTrigger.parse_string('Delete'),
                                           Gtk.NamedAction.new('win.delete')))
        self.list.add_controller(keys)
        self.pages['list'] = stack(
            'list', list=Gtk.ScrolledWindow(child=self.list),
            nothing=page('edit-find-symbolic', 'No Results', 'Try other words.'),
            empty=page('document-edit-symbolic', 'No Notes', 'What you write is kept here.',
                       button('win.new', 'New Note', 'pill', 'suggested-action'),
                       button('win.import', 'Import Samples', 'pill')))
        self.progress = Gtk.ProgressBar(valign=Gtk.Align.CENTER, margin_start=6)
        self.progress_bar = Gtk.ActionBar(revealed=False)
        self.progress_bar.pack_start(self.progress)
        self.progress_bar.pack_end(button('win.cancel::import', 'Cancel Import'))
        return box(header, self.search_bar, self.pages['list'], self.progress_bar,
                   width_request=300)

    def _build_editor(self):
        self.heading = Adw.WindowTitle()
        header = Adw.HeaderBar(title_widget=self.heading, show_start_title_buttons=False)
        header.pack_end(button('win.delete', 'Delete Note', icon='user-trash-symbolic'))
        self.complaint = Gtk.Label(xalign=0, wrap=True, margin_start=6)
        self.banner = Gtk.InfoBar(message_type=Gtk.MessageType.WARNING, revealed=False)
        self.banner.add_child(self.complaint)
        self.banner.add_button('Try Again', Gtk.ResponseType.OK)
        self.banner.connect('response', lambda *_: self._start('file', self._sync, 0))
        self.editor = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR, top_margin=24,
                                   bottom_margin=24, left_margin=24, right_margin=24)
        self.editor.get_buffer().connect('changed', self._on_changed)
        self.pages['editor'] = stack(
            'editor',
            none=page('text-editor-symbolic', 'No Note Selected', 'Choose one or write a new one.'),
            text=Gtk.ScrolledWindow(child=self.editor))
        return box(header, self.banner, self.pages['editor'], width_request=300)

    def _start(self, place, function, *args):
        """In that place its wait is seen, and cancelled: by hand, or by what starts there next."""
        self.waits.get(place, Gio.Cancellable()).cancel()
        self.waits[place] = Gio.Cancellable()
        Gco.spawn(self._run(place, self.waits[place], function, *args))

    async def _run(self, place, cancellable, function, *args):
        def turn(waiting):
            if self.waits[place] is cancellable:
                self._show_state(place, waiting)
            return GLib.SOURCE_CONTINUE
        timer = GLib.timeout_add(200, turn, True)  # ms: a shorter wait is not shown
        try:
            await function(*args, cancellable)
        except sqlite3.Error as error:
            more = ' What you typed is not saved yet.' if self.note and not self.note.saved else ''
            self.complaint.set_label(f'{(str(error) or error.__doc__).capitalize()}.{more}')
            self.banner.set_revealed(True)
            self._start('file', self._sync, 5)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED):
                raise
        finally:
            GLib.source_remove(timer)
            turn(False)

    def _show_state(self, place, waiting=False):
        note, ids = self.note, [note_id for note_id, _ in self.found]
        pages = {'list': 'list' if ids else 'nothing' if self.entry.get_text() else 'empty',
                 'editor': 'text' if note else 'none'}
        if place in pages:
            self.pages[place].set_visible_child_name('waiting' if waiting else pages[place])
        elif place == 'import':
            self.progress_bar.set_revealed(waiting)
        self.heading.set_title(title_of(note.text) if note else '')
        self.heading.set_subtitle('' if not note else 'Saved' if note.saved else 'Not saved yet')
        self.lookup_action('delete').set_enabled(note is not None)
        if not waiting:
            self.list.select_row(self.list.get_row_at_index(
                ids.index(note.id) if note and note.id in ids else -1))

    async def _sync(self, delay, cancellable):
        """What was typed goes to the file, what is in the file into the list."""
        await Gco.sleep(delay)
        cancellable.set_error_if_cancelled()  # by the next key
        await self.store.save(self.note, cancellable)
        self.banner.set_revealed(False)
        self._start('list', self._search)

    async def _search(self, cancellable):
        new = await self.store.search(self.entry.get_text(), cancellable)
        cancellable.set_error_if_cancelled()  # by a newer search
        old, self.found = self.found, new
        # only what differs is replaced: the rest stays where it is on the screen
        start = len(commonprefix([old, new]))
        same = len(commonprefix([old[start:][::-1], new[start:][::-1]]))
        with self.list.handler_block(self.on_row):  # meanwhile rows are not where found says
            for _ in range(start, len(old) - same):
                self.list.remove(self.list.get_row_at_index(start))
            for index in range(start, len(new) - same):
                self.list.insert(row(new[index][1]), index)

    def _on_row_selected(self, _, selected):
        note_id = selected and self.found[selected.get_index()][0]
        if note_id and not (self.note and self.note.id == note_id):
            self._start('editor', self._open, note_id)

    async def _open(self, note_id, cancellable):
        note = await self.store.read(note_id, cancellable)
        await self.store.save(self.note, cancellable)
        cancellable.set_error_if_cancelled()  # another was chosen
        self._show(note)

    async def _new(self, text, cancellable):
        await self.store.save(self.note, cancellable)
        self._show(Note(text=text))
        self.editor.grab_focus()

    async def _delete(self, cancellable):
        note = self.note
        await self.store.save(note, cancellable)
        if note.id:
            await self.store.delete(note, cancellable)
        self._show(None)
        toast = Adw.Toast(title=f'“{title_of(note.text)}” deleted', button_label='Undo')
        toast.connect('button-clicked', lambda _: self._start('editor', self._new, note.text))
        self.toasts.add_toast(toast)
        self._start('list', self._search)

    def _show(self, note):
        self.note = note
        self.editor.get_buffer().set_text(note.text if note else '')
        self._show_state('editor')

    def _on_changed(self, buffer):
        if self.note:
            self.note.text = buffer.props.text
            self._show_state('file')
            self._start('file', self._sync, 0.5)  # seconds, unless there is another key

    async def _import(self, cancellable):
        async def batches():
            for first in range(0, len(SAMPLES), 4):
                self.progress.set_fraction(first / len(SAMPLES))
                await Gco.sleep(self.pace)
                cancellable.set_error_if_cancelled()
                yield SAMPLES[first:first + 4]
        await self.store.add_all(batches(), cancellable)
        self._start('list', self._search)

    def do_close_request(self):
        self._start('editor', self._close)
        return True  # not yet

    async def _close(self, cancellable):
        for place in self.waits.keys() - {'editor'}:
            self.waits[place].cancel()
        async with self.store.lock.writer(cancellable):
            pass  # whoever came before is done
        try:
            await self.store.save(self.note, cancellable)
        except sqlite3.Error:
            toast = Adw.Toast(title='The note is not saved', button_label='Close Anyway')
            toast.connect('button-clicked', lambda _: self.get_application().quit())
            self.toasts.add_toast(toast)
            raise
        self.get_application().quit()
