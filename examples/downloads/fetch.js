// SPDX-License-Identifier: LGPL-2.1-or-later
// The bytes of a URL, into a file that may have some of them already.
import {Gio, GLib, Soup} from './gi.js';

const PRIORITY = GLib.PRIORITY_DEFAULT_IDLE; // lower than that of drawing

// entry.size bytes are there, of the version that entry.validator names. Of which version there
// will be bytes is written down by save() before there are any.
export async function fetch(session, entry, file, save, cancellable) {
    const message = Soup.Message.new('GET', entry.url);
    const asked = message.get_request_headers();
    asked.replace('Accept-Encoding', 'identity'); // ranges are of what is sent
    if (entry.size < entry.total && entry.validator) {
        asked.set_range(entry.size, -1);
        asked.replace('If-Range', entry.validator);
    }
    const body = await session.send_async(message, PRIORITY, cancellable);
    try {
        const [status, headers] = [message.get_status(), message.get_response_headers()];
        if (status === 200) {
            GLib.unlink(file.get_path());
            entry.total = headers.get_content_length();
            // a weak ETag does not promise the same bytes
            entry.validator = ['ETag', 'Last-Modified'].map(name => headers.get_one(name))
                .find(text => text && !text.startsWith('W/')) ?? '';
            await save();
        } else if (status !== 206 || headers.get_content_range()[1] !== entry.size) {
            throw new Error(`${status} ${message.get_reason_phrase()}`);
        }
        const out = await file.append_to_async(Gio.FileCreateFlags.NONE, PRIORITY, null);
        const close = Gio.OutputStreamSpliceFlags.CLOSE_TARGET;
        await out.splice_async(body, close, PRIORITY, cancellable);
    } finally {
        body.close(null);
    }
}
