// SPDX-License-Identifier: LGPL-2.1-or-later
// A download: what one sees of it, and what one can do with it. Its bytes are in NAME.part until
// all of them are there.
import {Adw, Gio, GLib, GObject, Gtk} from './gi.js';
import {fetch} from './fetch.js';

const TICK_MS = 250;
const PAUSE = ['Pause', 'media-playback-pause-symbolic', row => row.stop('paused')];
const ACTS = {
    running: PAUSE,
    waiting: PAUSE,
    removed: PAUSE, // and hidden
    failed: ['Retry', 'view-refresh-symbolic', row => row.start()],
    paused: ['Resume', 'media-playback-start-symbolic', row => row.start()],
    done: ['Open', 'document-open-symbolic', row => Gtk.show_uri(null, row.file.get_uri(), 0)],
};

export const Row = GObject.registerClass({
    Template: import.meta.url.replace(/js$/, 'ui'),
    InternalChildren: ['act', 'bar', 'remove'],
}, class Row extends Adw.ActionRow {
    _init(entry, window) {
        super._init({title: entry.name});
        Object.assign(this, {entry, window, ended: Promise.resolve()});
        this.file = window.store.folder.get_child(entry.name);
        this._part = window.store.folder.get_child(`${entry.name}.part`);
        this._act.connect('clicked', () => ACTS[entry.state][2](this));
        this._remove.connect('clicked', () => this.cancel());
        if (entry.state === 'running' && this.file.query_exists(null))
            entry.state = 'done'; // but killed before that was written down
    }

    // Its place in the line is taken at once, even if what was paused has yet to end.
    start() {
        this._cancellable = new Gio.Cancellable();
        this.ended = Promise.all([this.ended, this._run(this._cancellable, this.ended)]);
        this._set('waiting');
    }

    // If its state stays as it is, the next start of the program goes on.
    stop(state = this.entry.state) {
        this._set(state);
        this._cancellable?.cancel();
        return this.ended;
    }

    cancel() {
        this.ended = this.stop('removed').then(() => {
            GLib.unlink(this._part.get_path());
            this.parent.remove(this);
        });
    }

    async _run(cancellable, before) {
        const {entry, window} = this;
        let tick = null;
        try {
            await window.slots.run(async () => {
                await before;
                cancellable.set_error_if_cancelled(); // the permit may have been quicker
                this._set('running');
                tick = setInterval(() => this.update(), TICK_MS);
                if (!entry.total || entry.size < entry.total)
                    await fetch(window.session, entry, this._part, () => this._save(), cancellable);
                this.update();
                cancellable.set_error_if_cancelled(); // and so may the last byte
                this._part.move(this.file, Gio.FileCopyFlags.NONE, null, null);
                this._set('done');
            }, cancellable);
        } catch (error) {
            this._error = error.message;
            this.update();
            await (cancellable.is_cancelled() ? this._save() : this._set('failed'));
        } finally {
            clearInterval(tick);
        }
    }

    _set(state) {
        this.entry.state = state;
        this.window.arrange(this);
        return this._save();
    }

    _save() {
        return this.window.store.put(this.entry).catch(this.window.complain);
    }

    update(place = this._place) {
        this._place = place;
        const {entry, entry: {state, total}} = this;
        if (state !== 'done')
            entry.size = this._part.query_exists(null) ? this._part.query_info('standard::size',
                Gio.FileQueryInfoFlags.NONE, null).get_size() : 0;
        const [size, all] = [entry.size, total].map(n => GLib.format_size(n));
        const notes = {waiting: `Number ${place} in line`, failed: this._error};
        this.subtitle = notes[state] ?? (total > entry.size ? `${size} of ${all}` : size);
        this._bar.visible = entry.size > 0 && state !== 'done';
        this._bar.fraction = total ? entry.size / total : 0;
        this._act.icon_name = ACTS[state][1];
        this._name(this._act, ACTS[state][0]);
        this._name(this._remove, state === 'done' ? 'Clear' : 'Cancel');
        this.visible = state !== 'removed';
    }

    _name(button, verb) {
        button.tooltip_text = verb;
        button.update_property([Gtk.AccessibleProperty.LABEL], [`${verb} ${this.title}`]);
    }
});
