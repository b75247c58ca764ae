/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a closure has captured is freed, and freed once, whoever took the closure. */

private delegate void Body (Probe probe) throws Error;

/* The body hands closures with the probe to libgco; then nothing is left of it. */
private static void check (owned Body body) {
    Probe.alive = 0;
    try {
        Gco.run ((cancellable) => {
            var probe = new Probe ();
            body (probe);
            return true;
        });
    } catch (Error e) {
        error ("%s", e.message);
    }
    /* what is destroyed at home, outside of coroutines */
    while (MainContext.default ().iteration (false)) {
    }
    assert_cmpint (Probe.alive, CompareOperator.EQ, 0);
}

private static void test_spawn () {
    check ((probe) => {
        var captured = probe;
        int ran = 0;
        for (int i = 0; i < 100; i++) {
            Gco.spawn (null, () => {
                captured.look ();
                Gco.sleep_ns (null, 0);
                captured.look ();
                ran++;
            });
        }
        while (ran < 100) {
            Gco.sleep_ns (null, 0);
        }
    });
}

private static void test_create () {
    check ((probe) => {
        var captured = probe;
        int ran = 0;
        unowned Gco.Coroutine coroutine = Gco.Coroutine.create (() => {
            captured.look ();
            Gco.Coroutine.yield ();
            captured.look ();
            ran++;
        });
        coroutine.enter ();
        assert_cmpint (ran, CompareOperator.EQ, 0);
        assert_true (coroutine.get_aio_context () == Gco.AioContext.get_current ());
        coroutine.wake ();
        while (ran == 0) {
            Gco.sleep_ns (null, 0);
        }
    });
}

private static void test_create_full () {
    check ((probe) => {
        var captured = probe;
        bool ran = false;
        unowned Gco.Coroutine coroutine = Gco.Coroutine.create_full ("full", 128 * 1024, () => {
            captured.look ();
            assert_cmpstr (Gco.Coroutine.self ().get_name (), CompareOperator.EQ, "full");
            ran = true;
        });
        assert_cmpuint ((uint) coroutine.get_stack_size (), CompareOperator.GE, 128 * 1024);
        coroutine.enter ();
        assert_true (ran);
    });
}

private static void test_never_entered () {
    check ((probe) => {
        var captured = probe;
        unowned Gco.Coroutine coroutine = Gco.Coroutine.create_full (null, 0, () => {
            captured.look ();
            assert_not_reached ();
        });
        coroutine.free ();
    });
}

private static void test_scope () {
    check ((probe) => {
        var captured = probe;
        var scope = new Gco.Scope ();
        scope.spawn ((cancellable) => {
            captured.look ();
            Gco.sleep_ns (null, 0);
            return true;
        });
        scope.spawn_full (null, "full", 0, (cancellable) => {
            captured.look ();
            return Gco.sleep_until (null, int64.MAX, cancellable);
        });
        Gco.sleep_ns (null, 0);
        scope.cancel ();
        try {
            scope.join ();
            assert_not_reached ();
        } catch (IOError.CANCELLED e) {
        }
    });
}

private static void test_run () {
    check ((probe) => {
        var captured = probe;
        Gco.run_in_thread ((cancellable) => {
            captured.look ();
            return true;
        });
        Gco.Coroutine.call_outside (() => captured.look ());
    });
}

private static void test_oneshot () {
    check ((probe) => {
        var captured = probe;
        int ran = 0;
        var ctx = Gco.AioContext.get_current ();
        ctx.schedule_oneshot (() => {
            captured.look ();
            ran++;
        });
        var bh = new Gco.Bh (ctx, () => {
            captured.look ();
            ran++;
        });
        bh.schedule ();
        var clock = new Gco.Clock.manual ();
        var timer = new Gco.Timer (ctx, clock, () => {
            captured.look ();
            ran++;
        });
        timer.mod_ns (1);
        assert_true (timer.is_pending ());
        clock.advance (1);
        while (ran < 3) {
            Gco.sleep_ns (null, 0);
        }
        bh = null;
        timer = null;
    });
}

private static void test_handlers () {
    check ((probe) => {
        var captured = probe;
        int ran = 0;
        var ctx = Gco.AioContext.get_current ();
        var notifier = new Gco.EventNotifier ();
        ctx.set_event_notifier (notifier, () => {
            captured.look ();
            notifier.test_and_clear ();
            ran++;
        });
        notifier.set ();
        while (ran < 1) {
            Gco.sleep_ns (null, 0);
        }
        ctx.set_event_notifier (notifier, null);
        ctx.set_fd_handler (notifier.get_fd (), IOCondition.IN, (fd, condition) => {
            captured.look ();
            notifier.test_and_clear ();
            ran++;
        });
        notifier.set ();
        while (ran < 2) {
            Gco.sleep_ns (null, 0);
        }
        ctx.set_fd_handler (notifier.get_fd (), 0, null);
    });
}

private static void test_async () {
    /* The callback's closure, whether it is called with a grant or a cancellation. */
    check ((probe) => {
        var captured = probe;
        int ran = 0;
        var face = new Gco.AsyncMutex ();
        var cancellable = new Cancellable ();
        face.lock_async.begin (null, (source, result) => {
            captured.look ();
            ran++;
        });
        face.lock_async.begin (cancellable, (source, result) => {
            captured.look ();
            ran++;
        });
        Gco.Coroutine.call_outside (() => cancellable.cancel ());
        while (ran < 2) {
            Gco.sleep_ns (null, 0);
        }
    });
}

private static int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/closures/spawn", test_spawn);
    Test.add_func ("/vala/closures/create", test_create);
    Test.add_func ("/vala/closures/create-full", test_create_full);
    Test.add_func ("/vala/closures/never-entered", test_never_entered);
    Test.add_func ("/vala/closures/scope", test_scope);
    Test.add_func ("/vala/closures/run", test_run);
    Test.add_func ("/vala/closures/oneshot", test_oneshot);
    Test.add_func ("/vala/closures/handlers", test_handlers);
    Test.add_func ("/vala/closures/async", test_async);
    return Test.run ();
}
