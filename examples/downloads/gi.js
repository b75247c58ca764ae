// SPDX-License-Identifier: LGPL-2.1-or-later
// The libraries, in the versions that are meant, and what is awaited of them.
import Adw from 'gi://Adw?version=1';
import Gco from 'gi://Gco?version=1';
import Gio from 'gi://Gio?version=2.0';
import GLib from 'gi://GLib?version=2.0';
import GObject from 'gi://GObject?version=2.0';
import Gtk from 'gi://Gtk?version=4.0';
import Soup from 'gi://Soup?version=3.0';

Gio._promisify(Gio.File.prototype, 'append_to_async', 'append_to_finish');
Gio._promisify(Gio.File.prototype, 'load_contents_async', 'load_contents_finish');
Gio._promisify(Gio.File.prototype, 'replace_contents_bytes_async', 'replace_contents_finish');
Gio._promisify(Gio.OutputStream.prototype, 'splice_async', 'splice_finish');
Gio._promisify(Soup.Session.prototype, 'send_async', 'send_finish');

export {Adw, Gco, Gio, GLib, GObject, Gtk, Soup};
