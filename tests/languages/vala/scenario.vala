/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the Vala tests share. */

/* One point of a test that is written with async methods. */
public abstract class Scenario : Object {
    public abstract async void run () throws Error;

    /* To see others run: goes on when the main loop has nothing better to do. */
    protected async void rest () {
        Idle.add (rest.callback, Priority.LOW);
        yield;
    }

    public static void add (string path, Type type) {
        Test.add_data_func (path, () => {
            var scenario = (Scenario) Object.new (type);
            var loop = new MainLoop ();
            scenario.run.begin ((source, result) => {
                try {
                    scenario.run.end (result);
                } catch (Error e) {
                    error ("%s: %s", path, e.message);
                }
                loop.quit ();
            });
            loop.run ();
            /* not kept by a waiter that was forgotten somewhere */
            assert_cmpuint (scenario.ref_count, CompareOperator.EQ, 1);
        });
    }
}

/* Who came when, as a text. */
public class Journal : Object {
    private StringBuilder text = new StringBuilder ();

    public void note (string who) {
        if (text.len > 0) {
            text.append_c (' ');
        }
        text.append (who);
    }

    public void check (string expected) {
        assert_cmpstr (text.str, CompareOperator.EQ, expected);
    }

    public void check_same (Journal other) {
        check (other.text.str);
    }
}

/* Something that a closure has: how many there are is known. */
public class Probe : Object {
    public static int alive = 0;

    construct {
        alive++;
    }

    ~Probe () {
        alive--;
    }

    public void look () {
        assert_cmpint (alive, CompareOperator.GT, 0);
    }
}
