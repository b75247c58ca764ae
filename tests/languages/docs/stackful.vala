/* SPDX-License-Identifier: LGPL-2.1-or-later */
void main () {
    var mutex = Gco.Mutex ();
    try {
        Gco.run ((cancellable) => {
            var scope = new Gco.Scope (cancellable);
            foreach (var name in new string[] { "first", "second", "third" }) {
                var who = name;
                scope.spawn ((cancellable) => {
                    mutex.lock ();
                    print ("%s comes\n", who);
                    Gco.sleep_ns (null, 0);
                    print ("%s goes\n", who);
                    mutex.unlock ();
                    return true;
                });
            }
            return scope.join ();
        });
    } catch (Error e) {
        printerr ("%s\n", e.message);
    }
}
