/* SPDX-License-Identifier: LGPL-2.1-or-later */
// gjs -m main.js [--folder DIR] [URL...]
import System from 'system';
import {Adw, Gio, GLib} from './gi.js';
import {Window} from './window.js';

const KEYS = {'win.add': 'n', 'win.stress': 't', 'win.dark': 'd', 'win.shortcuts': 'question',
    'window.close': 'w', 'app.quit': 'q'};

const app = new Adw.Application({application_id: 'org.example.Downloads',
    flags: Gio.ApplicationFlags.HANDLES_COMMAND_LINE});
app.add_main_option('folder', 'f'.charCodeAt(0), GLib.OptionFlags.NONE, GLib.OptionArg.STRING,
    'Where the files go', 'DIR');
app.set_option_context_parameter_string('[URL…]');
app.add_action_entries([{name: 'quit', activate: () => app.get_windows().forEach(w => w.close())}]);
app.connect('startup', () => Object.entries(KEYS).forEach(
    ([action, key]) => app.set_accels_for_action(action, [`<Control>${key}`])));
app.connect('command-line', (_, line) => {
    const where = line.get_options_dict().lookup('folder', 's') ??
        GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_DOWNLOAD) ?? GLib.get_home_dir();
    const folder = line.create_file_for_arg(where);
    const window = app.get_windows().find(({store}) => store?.folder.equal(folder)) ??
        new Window(app, folder);
    GLib.mkdir_with_parents(folder.get_path(), 0o777);
    window.add(line.get_arguments().slice(1).join(' '));
    window.present();
    return 0;
});

// In a main loop that runs in the job of a promise no other promise resolves. All of a module is
// such a job as soon as a module that it imports awaits something, and so may be what comes after
// an await. runAsync() waits until there is none, but GJS has it only since 1.76; seen with 1.74,
// a callback of the main loop is no job, and so all promises resolve in what is run there.
const argv = [System.programInvocationName, ...ARGV];
System.exit(await (app.runAsync?.(argv) ?? new Promise(resolve => {
    GLib.idle_add(GLib.PRIORITY_DEFAULT, () => resolve(app.run(argv)));
})));
