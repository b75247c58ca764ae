/* SPDX-License-Identifier: LGPL-2.1-or-later */
// The window: what runs, what waits and in which order, what failed, is paused or done.
import {Adw, Gio, GLib, GObject, Gtk, Soup} from './gi.js';
import {Download} from './download.js';
import {Row} from './row.js';
import {MAX, Slots} from './slots.js';
import {Store} from './store.js';
import {stress} from './stress.js';

const [DIALOGS] = GLib.filename_from_uri(import.meta.url.replace(/window.js$/, 'dialogs.ui'));
const TITLES = {running: 'Downloading', waiting: 'Waiting', failed: 'Failed', paused: 'Paused',
    done: 'Finished'};
const STATES = Object.keys(TITLES);

export const Window = GObject.registerClass({
    Template: import.meta.url.replace(/js$/, 'ui'),
    InternalChildren: ['banner', 'bar', 'empty', 'entry', 'full', 'heading', 'list', 'news', 'spin',
        'stack', 'summary', 'toasts'],
}, class Window extends Adw.ApplicationWindow {
    _init(application, folder) {
        super._init({application});
        this.store = new Store(folder);
        this.slots = new Slots(this._spin.value);
        this.session = new Soup.Session({max_conns: MAX, max_conns_per_host: MAX, timeout: 60});
        this.complain = error => this._say(error.message, 'ERROR');
        this._rows = new Set();
        this._turn = 0;
        this._heading.subtitle = folder.get_basename();
        this._list.set_sort_func((a, b) =>
            STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.turn - b.turn);
        this._list.set_header_func((row, before) => row.set_header(row.state === before?.state
            ? null : new Gtk.Label({label: TITLES[row.state], xalign: 0, margin_top: 18,
                css_classes: ['heading']})));
        this._bar.connect_entry(this._entry);
        this._spin.connect('value-changed', () => this.slots.resize(this._spin.value));
        this._banner.connect('response', () => this._say(''));
        this._addActions();
        this._arrange();
        this._loaded = this.store.read()
            .then(entries => entries.forEach(entry => this._take(entry))).catch(this.complain);
    }

    _addActions() {
        const show = ({name}) => {
            const dialog = Gtk.Builder.new_from_file(DIALOGS).get_object(name);
            dialog.set({transient_for: this, visible: true});
            dialog.connect('close-request', () => dialog.set_transient_for(null));
        };
        const styles = Adw.StyleManager.get_default();
        this.add_action(Gio.PropertyAction.new('add', this._bar, 'search-mode-enabled'));
        this.add_action_entries([
            {name: 'download', activate: () => this.add(this._entry.text)},
            {name: 'paste', activate: async () =>
                this.add(await this.get_clipboard().read_text_async(null) ?? '')},
            {name: 'stress', activate: async () =>
                this._say(await stress(this.slots, this.store.mutex), 'INFO')},
            {name: 'dark', state: String(styles.dark), change_state: (action, dark) => {
                action.state = dark;
                styles.color_scheme = Adw.ColorScheme[dark.unpack() ? 'FORCE_DARK' : 'FORCE_LIGHT'];
            }},
            {name: 'shortcuts', activate: show},
            {name: 'about', activate: show},
        ]);
    }

    // Of many addresses, those are taken that come before the first bad one.
    async add(text) {
        try {
            await this._loaded;
            for (const url of text.split(/\s+/).filter(part => part))
                this._take(await this.store.add(url));
            this._entry.text = '';
        } catch (error) {
            const title = GLib.markup_escape_text(error.message, -1);
            this._toasts.add_toast(new Adw.Toast({title}));
        }
    }

    _take(entry) {
        const download = new Download(entry, this, () => this._update(row));
        const row = new Row(download);
        this._rows.add(row);
        if (['running', 'waiting'].includes(entry.state))
            download.start();
        else
            this._update(row);
    }

    // Those of one state are in the order in which they came to it. For those that wait, that is
    // the order in which the semaphore lets them go.
    _update(row) {
        const {ended, entry: {state}} = row.download;
        if (state !== row.state) {
            row.state = state;
            row.turn = this._turn++;
            if (state === 'removed') {
                this._list.remove(row);
                ended.then(() => this._rows.delete(row));
            } else if (!row.parent) {
                this._list.append(row);
            }
            this._arrange();
        }
        if (state !== 'removed')
            row.update();
    }

    _arrange() {
        this._list.invalidate_sort();
        this._list.invalidate_headers();
        const [running, waiting] = STATES.map(state =>
            [...this._rows].filter(row => row.state === state).sort((a, b) => a.turn - b.turn));
        waiting.forEach((row, i) => row.update(i + 1));
        this._summary.label = `${running.length} downloading, ${waiting.length} waiting`;
        this._stack.visible_child = this._list.get_first_child() ? this._full : this._empty;
    }

    _say(text, type = 'OTHER') {
        this._news.label = text;
        this._banner.set({message_type: Gtk.MessageType[type], revealed: text !== ''});
    }

    vfunc_close_request() {
        this.hide();
        this._list.set_header_func(null); // GJS ends before the list does
        Promise.all([...this._rows].map(row => row.download.stop()))
            .then(() => this.store.mutex.run(() => this.destroy())); // when all is written
        return true;
    }
});
