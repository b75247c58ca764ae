// SPDX-License-Identifier: LGPL-2.1-or-later
// The resume file, beside the downloads: what there is, how far it is, and of which version.
import {Gco, Gio, GLib} from './gi.js';

export class Store {
    constructor(folder) {
        GLib.mkdir_with_parents(folder.get_path(), 0o777);
        this.folder = folder;
        this.mutex = new Gco.AsyncMutex();
        this._file = folder.get_child('.downloads.json');
    }

    async read() {
        if (!this._file.query_exists(null))
            return [];
        const [bytes] = await this._file.load_contents_async(null);
        return JSON.parse(new TextDecoder().decode(bytes));
    }

    // Others run between reading and writing. Without the mutex, of two downloads that are done
    // at once one would be forgotten, and two could be given the same name.
    _change(change) {
        return this.mutex.run(async () => {
            const text = JSON.stringify(change(await this.read()), null, 2);
            await this._file.replace_contents_bytes_async(new TextEncoder().encode(`${text}\n`),
                null, false, Gio.FileCreateFlags.NONE, null);
        });
    }

    async add(url) {
        const uri = GLib.Uri.parse(url, GLib.UriFlags.ENCODED);
        if (!/^https?$/.test(uri.get_scheme()) || !uri.get_host())
            throw new Error(`“${url}” is not an address in the web`);
        const last = GLib.uri_unescape_string(uri.get_path().split('/').pop(), '/') ?? '';
        const name = last.replace(/^\.+|[\0-\x1f]/g, '') || 'index.html';
        const entry = {url, name, state: 'waiting', size: 0, total: 0, validator: ''};
        await this._change(entries => {
            const isTaken = name => entries.some(other => other.name === name) ||
                [name, `${name}.part`].some(it => this.folder.get_child(it).query_exists(null));
            for (let n = 2; isTaken(entry.name); n++)
                entry.name = name.replace(/(?<=.)(\.[^.]*)?$/, ` (${n})$&`);
            return [...entries, entry];
        });
        return entry;
    }

    put(entry) {
        return this._change(entries => entries
            .map(old => old.name === entry.name ? entry : old)
            .filter(({state}) => state !== 'removed'));
    }
}
