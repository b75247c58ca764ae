/* SPDX-License-Identifier: LGPL-2.1-or-later */
async void visit (Gco.AsyncMutex mutex, string name) throws Error {
    yield mutex.lock_async ();
    print ("%s comes\n", name);
    Idle.add (visit.callback);
    yield;
    print ("%s goes\n", name);
    mutex.unlock ();
}

async void visit_all (MainLoop loop) {
    var mutex = new Gco.AsyncMutex ();
    visit.begin (mutex, "first");
    visit.begin (mutex, "second");
    try {
        yield visit (mutex, "third");
    } catch (Error e) {
        printerr ("%s\n", e.message);
    }
    loop.quit ();
}

void main () {
    var loop = new MainLoop ();
    visit_all.begin (loop);
    loop.run ();
}
