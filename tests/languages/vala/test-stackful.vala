/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines with stacks of their own, and the C locks embedded by value. */

private delegate void Body () throws Error;

/* Runs it in a coroutine, to its end. */
private static void run (Body body) {
    try {
        assert_true (Gco.run ((cancellable) => {
            body ();
            return true;
        }));
    } catch (Error e) {
        error ("%s", e.message);
    }
}

private class Account : Object {
    public Gco.Mutex mutex;
    public Gco.Queue changed;
    public Gco.Rwlock rwlock;
    public Gco.Semaphore semaphore = Gco.Semaphore (2);
    public Gco.Sleep sleep;
    public Journal journal = new Journal ();
}

private static void test_mutex () {
    var account = new Account ();
    run (() => {
        var scope = new Gco.Scope ();
        for (int i = 0; i < 3; i++) {
            var who = i.to_string ();
            scope.spawn ((cancellable) => {
                account.mutex.lock ();
                account.journal.note (who);
                /* the others have come and wait */
                Gco.sleep_ns (null, 0);
                assert_false (account.mutex.trylock ());
                account.journal.note ("-" + who);
                account.mutex.unlock ();
                return true;
            });
        }
        scope.join ();
        assert_true (account.mutex.trylock ());
        account.mutex.unlock ();
    });
    account.journal.check ("0 -0 1 -1 2 -2");
}

private static void test_lockers () {
    var account = new Account ();
    run (() => {
        {
            var locker = new Gco.MutexLocker (account.mutex);
            assert_nonnull (locker);
            assert_false (account.mutex.trylock ());
        }
        assert_true (account.mutex.trylock ());
        account.mutex.unlock ();
        {
            var locker = new Gco.RwlockLocker.reader (account.rwlock);
            assert_nonnull (locker);
            assert_false (account.rwlock.trywrlock ());
        }
        {
            var locker = new Gco.RwlockLocker.writer (account.rwlock);
            assert_nonnull (locker);
        }
        assert_true (account.rwlock.trywrlock ());
        account.rwlock.unlock ();
    });
}

private static void test_local () {
    /* On the stack, and captured. */
    run (() => {
        var mutex = Gco.Mutex ();
        var journal = new Journal ();
        mutex.lock ();
        Gco.spawn (null, () => {
            mutex.lock ();
            journal.note ("spawned");
            mutex.unlock ();
        });
        Gco.sleep_ns (null, 0);
        journal.check ("");
        mutex.unlock ();
        mutex.lock ();
        journal.check ("spawned");
        mutex.unlock ();
    });
}

private static void test_queue () {
    var account = new Account ();
    run (() => {
        var scope = new Gco.Scope ();
        for (int i = 0; i < 3; i++) {
            var who = i.to_string ();
            scope.spawn ((cancellable) => {
                account.mutex.lock ();
                account.changed.wait (account.mutex);
                account.journal.note (who);
                account.mutex.unlock ();
                return true;
            });
        }
        while (scope.get_n_running () == 3 && account.changed.is_empty ()) {
            Gco.sleep_ns (null, 0);
        }
        account.mutex.lock ();
        assert_true (account.changed.next ());
        account.mutex.unlock ();
        while (scope.get_n_running () == 3) {
            Gco.sleep_ns (null, 0);
        }
        account.journal.check ("0");
        account.changed.restart_all ();
        scope.join ();
    });
    account.journal.check ("0 1 2");
}

private static void test_lockable () {
    /* A thread's mutex, and none. */
    run (() => {
        var mutex = GLib.Mutex ();
        var queue = Gco.Queue ();
        bool picked = false;
        mutex.lock ();
        Gco.spawn (null, () => {
            mutex.lock ();
            picked = queue.next ();
            mutex.unlock ();
        });
        queue.wait_full (Gco.Lockable.for_thread_mutex (mutex), Gco.QueueWaitFlags.DEFAULT);
        assert_true (picked);
        assert_false (mutex.trylock ());
        mutex.unlock ();
        Gco.spawn (null, () => queue.restart_all ());
        queue.wait_full (Gco.Lockable.none (), Gco.QueueWaitFlags.INSERT_HEAD);
        Gco.spawn (null, () => queue.restart_all ());
        queue.wait ();
    });
}

private static void test_rwlock () {
    var account = new Account ();
    run (() => {
        account.rwlock.rdlock ();
        assert_true (account.rwlock.tryrdlock ());
        account.rwlock.unlock ();
        account.rwlock.upgrade ();
        assert_false (account.rwlock.tryrdlock ());
        account.rwlock.downgrade ();
        account.rwlock.unlock ();
        account.rwlock.wrlock ();
        account.rwlock.unlock ();
    });
}

private static void test_semaphore () {
    var account = new Account ();
    run (() => {
        int inside = 0, most = 0;
        var scope = new Gco.Scope ();
        for (int i = 0; i < 5; i++) {
            scope.spawn ((cancellable) => {
                account.semaphore.acquire ();
                most = int.max (most, ++inside);
                Gco.sleep_ns (null, 0);
                inside--;
                account.semaphore.release ();
                return true;
            });
        }
        scope.join ();
        assert_cmpint (most, CompareOperator.EQ, 2);
        assert_cmpuint (account.semaphore.get_n_free (), CompareOperator.EQ, 2);
    });
}

private static void test_sleep () {
    var account = new Account ();
    var clock = new Gco.Clock.manual ();
    run (() => {
        Gco.spawn (null, () => account.sleep.wake ());
        assert_true (account.sleep.wait_ns (clock, 1));
        Gco.spawn (null, () => clock.advance (5));
        assert_false (account.sleep.wait_ns (clock, 5));
        assert_true (clock.get_time_ns () == 5);
    });
}

private static void test_cancel () {
    var account = new Account ();
    run (() => {
        var cancellable = new Cancellable ();
        account.mutex.lock ();
        Gco.spawn (null, () => {
            try {
                account.mutex.lock_cancellable (cancellable);
                assert_not_reached ();
            } catch (IOError.CANCELLED e) {
                account.journal.note ("cancelled");
            } catch (IOError e) {
                error ("%s", e.message);
            }
        });
        Gco.sleep_ns (null, 0);
        Gco.Coroutine.call_outside (() => cancellable.cancel ());
        Gco.sleep_ns (null, 0);
        account.journal.check ("cancelled");
        account.mutex.unlock ();
        try {
            Gco.sleep_until (null, int64.MAX, cancellable);
            assert_not_reached ();
        } catch (IOError.CANCELLED e) {
        }
    });
}

private static void test_deadline () {
    var account = new Account ();
    var clock = new Gco.Clock.manual ();
    run (() => {
        account.mutex.lock ();
        Gco.spawn (null, () => {
            try {
                account.mutex.lock_until (clock, 3);
                assert_not_reached ();
            } catch (IOError.TIMED_OUT e) {
                account.journal.note ("late");
            } catch (IOError e) {
                error ("%s", e.message);
            }
        });
        Gco.sleep_ns (null, 0);
        clock.advance (3);
        Gco.sleep_ns (clock, 0);
        account.journal.check ("late");
        account.mutex.unlock ();
    });
}

private static void test_scope () {
    /* One fails: the others end, and join () tells of it. */
    run (() => {
        var scope = new Gco.Scope ();
        bool unwound = false;
        scope.spawn ((cancellable) => {
            assert_true (Gco.Scope.get_current_cancellable () == cancellable);
            try {
                return Gco.sleep_until (null, int64.MAX);
            } finally {
                unwound = true;
            }
        });
        scope.spawn_full (null, "the one that fails", 256 * 1024, (cancellable) => {
            throw new FileError.NOSPC ("no room");
        });
        try {
            scope.join ();
            assert_not_reached ();
        } catch (FileError.NOSPC e) {
            assert_true (e.message.contains ("no room"));
        }
        assert_true (unwound);
    });
}

private static void test_throws () {
    try {
        Gco.run ((cancellable) => {
            throw new IOError.NOT_FOUND ("nothing");
        });
        assert_not_reached ();
    } catch (Error e) {
        assert_error (e, IOError.quark (), IOError.NOT_FOUND);
    }
}

private static void test_await () {
    run (() => {
        uint8[] contents;
        var file = File.new_for_path (Test.get_dir (Test.FileType.DIST) + "/meson.build");
        var await = Gco.Await ();
        for (int i = 0; i < 2; i++) {
            file.load_contents_async.begin (null, (source, result) => await.ready (source, result));
            file.load_contents_async.end (await.await (), out contents, null);
            assert_true (((string) contents).has_prefix ("# SPDX"));
        }
    });
}

private static void test_gio () {
    run (() => {
        FileIOStream stream;
        uint8[] contents;
        size_t n;
        var file = File.new_tmp ("gco-XXXXXX", out stream);
        assert_true (Gco.output_stream_write_all (stream.output_stream, "hello\n".data, out n));
        assert_true (Gco.io_stream_close (stream));
        assert_true (Gco.file_load_contents (file, null, out contents));
        assert_cmpint (contents.length, CompareOperator.EQ, 6);
        assert_true (Gco.file_replace_contents (file, "one\ntwo\n".data, null, false,
                                                FileCreateFlags.NONE));
        var lines = new DataInputStream (Gco.file_read (file));
        assert_cmpstr (Gco.data_input_stream_read_line_utf8 (lines, out n), CompareOperator.EQ,
                       "one");
        var buffer = new uint8[16];
        assert_true (Gco.input_stream_read_all (lines, buffer, out n));
        assert_cmpuint ((uint) n, CompareOperator.EQ, 4);
        assert_true (Gco.file_delete (file));
        try {
            Gco.file_query_info (file, FileAttribute.STANDARD_SIZE, FileQueryInfoFlags.NONE);
            assert_not_reached ();
        } catch (IOError.NOT_FOUND e) {
        }
    });
}

private static void test_task () {
    /* A coroutine that is exported as an ordinary asynchronous call. */
    var loop = new MainLoop ();
    var task = Gco.task_new (null, null, (source, result) => {
        try {
            var answer = (string) ((Task) result).propagate_pointer ();
            assert_cmpstr (answer, CompareOperator.EQ, "answer");
        } catch (Error e) {
            error ("%s", e.message);
        }
        assert_false (Gco.in_coroutine ());
        loop.quit ();
    });
    Gco.task_run (task, (task, source, data, cancellable) => {
        assert_true (Gco.in_coroutine ());
        Gco.sleep_ns (null, 0);
        task.return_pointer ("answer", null);
    });
    loop.run ();
}

private static void test_channel () {
    run (() => {
        var channel = new Gco.Channel (1, free);
        Gco.spawn (null, () => {
            try {
                for (int i = 0; i < 4; i++) {
                    string text = i.to_string ();
                    channel.send ((owned) text);
                }
            } catch (Error e) {
                error ("%s", e.message);
            }
            channel.close_send ();
        });
        var journal = new Journal ();
        try {
            while (true) {
                string* item = channel.receive ();
                string text = (owned) item;
                journal.note (text);
            }
        } catch (IOError.CLOSED e) {
        }
        journal.check ("0 1 2 3");
    });
}

private static void test_thread () {
    run (() => {
        var here = Thread.self<bool> ();
        assert_true (Gco.run_in_thread ((cancellable) => {
            assert_true (Thread.self<bool> () != here);
            return true;
        }));
    });
    try {
        assert_true (Gco.run_sync ((cancellable) => {
            Gco.sleep_ns (null, 1);
            return true;
        }));
    } catch (Error e) {
        error ("%s", e.message);
    }
}

private static void test_fatal () {
    if (Test.subprocess ()) {
        run (() => {
            var mutex = Gco.Mutex ();
            mutex.unlock ();
        });
        return;
    }
    Test.trap_subprocess (null, 0, 0);
    Test.trap_assert_failed ();
    Test.trap_assert_stderr ("*gco_mutex_unlock*");
}

private static int main (string[] args) {
    Test.init (ref args);
    Test.add_func ("/vala/stackful/mutex", test_mutex);
    Test.add_func ("/vala/stackful/lockers", test_lockers);
    Test.add_func ("/vala/stackful/local", test_local);
    Test.add_func ("/vala/stackful/queue", test_queue);
    Test.add_func ("/vala/stackful/lockable", test_lockable);
    Test.add_func ("/vala/stackful/rwlock", test_rwlock);
    Test.add_func ("/vala/stackful/semaphore", test_semaphore);
    Test.add_func ("/vala/stackful/sleep", test_sleep);
    Test.add_func ("/vala/stackful/cancel", test_cancel);
    Test.add_func ("/vala/stackful/deadline", test_deadline);
    Test.add_func ("/vala/stackful/scope", test_scope);
    Test.add_func ("/vala/stackful/throws", test_throws);
    Test.add_func ("/vala/stackful/await", test_await);
    Test.add_func ("/vala/stackful/gio", test_gio);
    Test.add_func ("/vala/stackful/task", test_task);
    Test.add_func ("/vala/stackful/channel", test_channel);
    Test.add_func ("/vala/stackful/thread", test_thread);
    Test.add_func ("/vala/stackful/misuse-is-fatal", test_fatal);
    return Test.run ();
}
