/* SPDX-License-Identifier: LGPL-2.1-or-later */
// From a URL to a file. Its bytes are in NAME.part until all of them are there.
import {Gio, GLib, Soup} from './gi.js';

const PRIORITY = GLib.PRIORITY_DEFAULT_IDLE; // lower than that of drawing
const TICK_MS = 250;

function sizeOf(file) {
    return file.query_exists(null)
        ? file.query_info('standard::size', Gio.FileQueryInfoFlags.NONE, null).get_size() : 0;
}

export class Download {
    // The owner has a store, slots, a session, and complain() for a resume file that cannot be
    // written; changed() is told of each change.
    constructor(entry, owner, changed) {
        Object.assign(this, {entry, owner, changed, error: '', speed: 0, ended: Promise.resolve()});
        this.file = owner.store.folder.get_child(entry.name);
        this._part = owner.store.folder.get_child(`${entry.name}.part`);
        this._cancellable = new Gio.Cancellable();
        // Only the disk knows how far it was when the program was killed.
        if (entry.total && sizeOf(this.file) === entry.total)
            entry.state = 'done';
        if (entry.state !== 'done')
            entry.size = sizeOf(this._part);
    }

    // Its place in the line is taken at once, even if what was paused has yet to end.
    start() {
        this._cancellable = new Gio.Cancellable();
        this.ended = this._run(this._cancellable, this.ended);
        this._set('waiting');
    }

    // If its state stays as it is, the next start of the program goes on.
    stop(state = this.entry.state) {
        this._set(state);
        this._cancellable.cancel();
        return this.ended;
    }

    remove() {
        this.ended = this.ended.then(() => this._discard());
        this.stop('removed');
    }

    _set(state) {
        if (this.entry.state !== 'removed')
            this.entry.state = state;
        this.changed();
        return this.owner.store.put(this.entry).catch(this.owner.complain);
    }

    _discard() {
        if (this._part.query_exists(null))
            this._part.delete(null);
        this.entry.size = 0;
    }

    async _run(cancellable, before) {
        const {entry} = this;
        try {
            await this.owner.slots.run(async () => {
                await before;
                cancellable.set_error_if_cancelled(); // the permit may have been quicker
                this._set('running');
                if (!entry.total || entry.size < entry.total)
                    await this._fetch(cancellable);
                this._part.move(this.file, Gio.FileCopyFlags.NONE, null, null);
                this._set('done');
            }, cancellable);
        } catch (error) {
            await before;
            this.error = error.message;
            this._set(cancellable.is_cancelled() ? entry.state : 'failed');
        }
    }

    async _fetch(cancellable) {
        const {entry} = this;
        const message = Soup.Message.new('GET', entry.url);
        const headers = message.get_request_headers();
        headers.replace('Accept-Encoding', 'identity'); // ranges are of what is sent
        if (entry.size && entry.validator) {
            headers.set_range(entry.size, -1);
            headers.replace('If-Range', entry.validator);
        }
        const body = await this.owner.session.send_async(message, PRIORITY, cancellable);
        try {
            await this._accept(message.get_status(), message);
            await this._copy(body, cancellable);
        } finally {
            body.close(null);
        }
        entry.total ||= entry.size;
        if (entry.size !== entry.total)
            throw new Error('The server hung up in the middle');
    }

    // Whose bytes there will be is written down before there are any.
    async _accept(status, message) {
        const {entry} = this;
        const headers = message.get_response_headers();
        const etag = headers.get_one('ETag') ?? '';
        // a weak ETag does not promise the same bytes
        const validator = etag.startsWith('"') ? etag : headers.get_one('Last-Modified') ?? '';
        const [isRange, start] = headers.get_content_range();
        if (status === 206 && isRange && start === entry.size && validator === entry.validator)
            return;
        if (![200, 206, 416].includes(status))
            throw new Error(`${status} ${message.get_reason_phrase()}`);
        this._discard();
        Object.assign(entry, {validator, total: headers.get_content_length()});
        await this._set(entry.state);
        if (status !== 200)
            throw new Error('It is not the same file any more');
    }

    async _copy(body, cancellable) {
        const out = await this._part.append_to_async(Gio.FileCreateFlags.NONE, PRIORITY, null);
        const measure = () => {
            const before = this.entry.size;
            this.entry.size = sizeOf(this._part);
            this.speed = (this.entry.size - before) * 1000 / TICK_MS;
            this.changed();
            return GLib.SOURCE_CONTINUE;
        };
        const tick = GLib.timeout_add(GLib.PRIORITY_DEFAULT, TICK_MS, measure);
        try {
            const flags = Gio.OutputStreamSpliceFlags.CLOSE_TARGET;
            await out.splice_async(body, flags, PRIORITY, cancellable);
        } finally {
            GLib.source_remove(tick);
            measure();
        }
    }
}
