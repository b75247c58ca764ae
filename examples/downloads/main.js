// SPDX-License-Identifier: LGPL-2.1-or-later
// gjs -m main.js [DIR [URL...]]
import System from 'system';
import {Adw, Gio, GLib} from './gi.js';
import {Window} from './window.js';

const app = new Adw.Application({application_id: 'org.example.Downloads',
    flags: Gio.ApplicationFlags.HANDLES_COMMAND_LINE});
app.connect('command-line', (_, line) => {
    const [, where, ...urls] = line.get_arguments();
    const folder = line.create_file_for_arg(where ??
        GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_DOWNLOAD) ?? GLib.get_home_dir());
    const window = app.get_windows().find(({store}) => store?.folder.equal(folder)) ??
        new Window(app, folder);
    window.add(urls.join(' ')).catch(window.complain);
    window.present();
    return 0;
});

// No module awaits anything while it is loaded: a main loop within that resolves no promises.
System.exit(app.run([System.programInvocationName, ...ARGV]));
