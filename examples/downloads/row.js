/* SPDX-License-Identifier: LGPL-2.1-or-later */
// A download as one sees it, and what one can do with it.
import {Adw, Gdk, GLib, GObject, Gtk} from './gi.js';

const PAUSE = ['Pause', 'media-playback-pause-symbolic', it => it.stop('paused')];
const ACTS = {
    running: PAUSE,
    waiting: PAUSE,
    failed: ['Retry', 'view-refresh-symbolic', it => it.start()],
    paused: ['Resume', 'media-playback-start-symbolic', it => it.start()],
    done: ['Open', 'document-open-symbolic',
        it => Gtk.show_uri(null, it.file.get_uri(), Gdk.CURRENT_TIME)],
};

export const Row = GObject.registerClass({
    Template: import.meta.url.replace(/js$/, 'ui'),
    InternalChildren: ['act', 'bar', 'remove'],
}, class Row extends Adw.ActionRow {
    _init(download) {
        super._init({title: download.entry.name});
        this.download = download;
        this._act.connect('clicked', () => ACTS[this.state][2](download));
        this._remove.connect('clicked', () => download.remove());
    }

    // place: in the line of those that wait
    update(place = this._place) {
        this._place = place;
        const {error, entry: {size, state, total}, speed} = this.download;
        const [done, all, pace] = [size, total, speed].map(n => GLib.format_size(Math.max(n, 0)));
        const sizes = total > size ? `${done} of ${all}` : done;
        this.subtitle = {
            running: speed > 0 ? `${sizes}, ${pace}/s` : sizes,
            waiting: `Number ${place} in line${size ? `, ${sizes}` : ''}`,
            failed: error,
        }[state] ?? sizes;
        this._act.icon_name = ACTS[state][1];
        this._name(this._act, ACTS[state][0]);
        this._name(this._remove, state === 'done' ? 'Clear' : 'Cancel');
        this._bar.visible = state === 'running' || size > 0 && state !== 'done';
        this._bar.fraction = total ? size / total : 0;
        if (state === 'running' && !total)
            this._bar.pulse();
    }

    _name(button, verb) {
        button.tooltip_text = verb;
        button.update_property([Gtk.AccessibleProperty.LABEL], [`${verb} ${this.title}`]);
    }
});
