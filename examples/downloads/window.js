// SPDX-License-Identifier: LGPL-2.1-or-later
// The window: what runs, what waits and in which order, what failed, is paused or done.
import {Adw, Gio, GLib, GObject, Gtk, Soup} from './gi.js';
import {Row} from './row.js';
import {MAX, Slots} from './slots.js';
import {Store} from './store.js';
import {stress} from './stress.js';

const [DIALOGS] = GLib.filename_from_uri(import.meta.url.replace('window.js', 'dialogs.ui'));
const STATES = ['running', 'waiting', 'failed', 'paused', 'done'];
const rank = row => STATES.indexOf(row.entry.state);

export const Window = GObject.registerClass({
    Template: import.meta.url.replace(/js$/, 'ui'),
    InternalChildren: ['banner', 'bar', 'entry', 'list', 'news', 'spin', 'summary'],
}, class Window extends Adw.ApplicationWindow {
    _init(application, folder) {
        super._init({application, title: folder.get_basename()});
        this.store = new Store(folder);
        this.slots = new Slots(this._spin.value);
        this.session = new Soup.Session({max_conns: MAX, max_conns_per_host: MAX, timeout: 60});
        this.complain = error => this._say(error.message, 'ERROR');
        this._rows = [];
        this._list.set_sort_func((a, b) => this._rows.indexOf(a) - this._rows.indexOf(b));
        this._bar.connect_entry(this._entry);
        this._spin.connect('value-changed', () => this.slots.resize(this._spin.value));
        this._banner.connect('response', () => this._say(''));
        const show = ({name}) => {
            const dialog = Gtk.Builder.new_from_file(DIALOGS).get_object(name);
            dialog.set({transient_for: this, visible: true});
            dialog.connect('close-request', () => dialog.set_transient_for(null));
        };
        this.add_action(Gio.PropertyAction.new('add', this._bar, 'search-mode-enabled'));
        this.add_action(Gio.PropertyAction.new('style', application.style_manager, 'color-scheme'));
        this.add_action_entries([
            {name: 'download', activate: () => this.add(this._entry.text).catch(this.complain)},
            {name: 'stress', activate: async () =>
                this._say(await stress(this.slots, this.store.mutex), 'INFO')},
            {name: 'shortcuts', activate: show},
            {name: 'about', activate: show},
        ]);
        this._loaded = this.store.read().then(entries => entries.forEach(it => this._take(it)))
            .catch(error => this._say(`The resume file cannot be used: ${error.message}`, 'ERROR'));
    }

    // Of many addresses, those are taken that come before the first bad one.
    async add(text) {
        await this._loaded;
        for (const url of text.split(/\s+/).filter(part => part))
            this._take(await this.store.add(url));
        this._entry.text = '';
    }

    _take(entry) {
        const row = new Row(entry, this);
        this._list.append(row);
        this.arrange(row);
        if (['running', 'waiting'].includes(entry.state))
            row.start();
    }

    // Rows of one state are in the order in which they came to it. For those that wait, that is
    // the order in which the semaphore lets them go.
    arrange(row) {
        const others = this._rows.filter(other => other !== row && other.parent);
        this._rows = [...others, row].sort((a, b) => rank(a) - rank(b));
        const [running, waiting] = STATES.map((_, i) => this._rows.filter(it => rank(it) === i));
        waiting.forEach((it, i) => it.update(i + 1));
        row.update();
        this._list.invalidate_sort();
        this._summary.label = `${running.length} downloading, ${waiting.length} waiting`;
    }

    _say(text, type = 'OTHER') {
        this._news.label = text;
        this._banner.set({message_type: Gtk.MessageType[type], revealed: text !== ''});
    }

    vfunc_close_request() {
        this.hide();
        this._list.set_sort_func(null); // GJS ends before the list does
        Promise.all(this._rows.map(row => row.stop()))
            .then(() => this.store.mutex.run(() => this.destroy())); // when all is written
        return true;
    }
});
