/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The faces of the locks, with async methods and nothing else. */

private class LockScenario : Scenario {
    public override async void run () throws Error {
        var mutex = new Gco.AsyncMutex ();
        assert_true (yield mutex.lock_async ());
        assert_true (mutex.is_locked ());
        assert_false (mutex.trylock ());
        mutex.unlock ();
        assert_false (mutex.is_locked ());
        assert_true (mutex.trylock ());
        mutex.unlock ();
    }
}

private class FifoScenario : Scenario {
    private Gco.AsyncMutex mutex = new Gco.AsyncMutex ();
    private Journal journal = new Journal ();

    private async void visit (string who) {
        try {
            yield mutex.lock_async ();
            journal.note (who);
            yield rest ();
            journal.note ("-" + who);
            mutex.unlock ();
        } catch (Error e) {
            error ("%s", e.message);
        }
    }

    public override async void run () throws Error {
        visit.begin ("a");
        visit.begin ("b");
        visit.begin ("c");
        yield mutex.lock_async ();
        journal.check ("a -a b -b c -c");
        mutex.unlock ();
    }
}

private class CancelScenario : Scenario {
    private Gco.AsyncMutex mutex = new Gco.AsyncMutex ();
    private Journal journal = new Journal ();

    private async void visit (string who, Cancellable? cancellable) throws Error {
        try {
            yield mutex.lock_async (cancellable);
        } catch (IOError.CANCELLED e) {
            journal.note ("no " + who);
            return;
        }
        journal.note (who);
        mutex.unlock ();
    }

    public override async void run () throws Error {
        var second = new Cancellable ();
        var late = new Cancellable ();
        yield mutex.lock_async ();
        visit.begin ("first", null);
        visit.begin ("second", second);
        visit.begin ("third", late);
        second.cancel ();
        yield rest ();
        journal.check ("no second");
        mutex.unlock ();
        yield mutex.lock_async ();
        journal.check ("no second first third");
        late.cancel ();
        mutex.unlock ();

        /* cancelled from the start; not by yield: valac's own task has the cancellable too */
        visit.begin ("late", late);
        yield rest ();
        journal.check ("no second first third no late");
        assert_false (mutex.is_locked ());
    }
}

private class GrantedScenario : Scenario {
    /* The mutex is given before the cancellation: then it is had. */
    public override async void run () throws Error {
        var mutex = new Gco.AsyncMutex ();
        var cancellable = new Cancellable ();
        bool? had = null;
        yield mutex.lock_async ();
        mutex.lock_async.begin (cancellable, (source, result) => {
            try {
                had = mutex.lock_async.end (result);
            } catch (Error e) {
                error ("%s", e.message);
            }
            run.callback ();
        });
        mutex.unlock ();
        cancellable.cancel ();
        yield;
        assert_true (had);
        assert_true (mutex.is_locked ());
        mutex.unlock ();
    }
}

private class AbandonedScenario : Scenario {
    /* Nobody calls end (): the mutex goes to the next. */
    public override async void run () throws Error {
        var mutex = new Gco.AsyncMutex ();
        yield mutex.lock_async ();
        mutex.lock_async.begin ();
        mutex.lock_async.begin (null, (source, result) => {});
        mutex.unlock ();
        yield mutex.lock_async ();
        mutex.unlock ();
        assert_false (mutex.is_locked ());
    }
}

private class MisuseScenario : Scenario {
    private delegate void Wrong () throws Error;

    private void check_denied (Wrong wrong) {
        try {
            wrong ();
            assert_not_reached ();
        } catch (Error e) {
            assert_error (e, IOError.quark (), IOError.PERMISSION_DENIED);
        }
    }

    public override async void run () throws Error {
        var mutex = new Gco.AsyncMutex ();
        var rwlock = new Gco.AsyncRwlock ();
        var semaphore = new Gco.AsyncSemaphore (2);
        var queue = new Gco.AsyncWaitQueue ();
        check_denied (() => mutex.unlock ());
        check_denied (() => rwlock.unlock ());
        check_denied (() => rwlock.downgrade ());
        check_denied (() => semaphore.release ());
        yield rwlock.rdlock_async ();
        check_denied (() => rwlock.downgrade ());
        rwlock.unlock ();
        try {
            yield rwlock.upgrade_async ();
            assert_not_reached ();
        } catch (IOError.PERMISSION_DENIED e) {
        }
        try {
            yield queue.wait_async (mutex);
            assert_not_reached ();
        } catch (IOError.PERMISSION_DENIED e) {
        }
        assert_false (mutex.is_locked ());
    }
}

private class RwlockScenario : Scenario {
    private Gco.AsyncRwlock rwlock = new Gco.AsyncRwlock ();
    private Journal journal = new Journal ();

    private async void read (string who) throws Error {
        yield rwlock.rdlock_async ();
        journal.note (who);
        yield rest ();
        journal.note ("-" + who);
        rwlock.unlock ();
    }

    private async void write (string who) throws Error {
        yield rwlock.wrlock_async ();
        journal.note (who);
        yield rest ();
        journal.note ("-" + who);
        rwlock.unlock ();
    }

    public override async void run () throws Error {
        read.begin ("r1");
        read.begin ("r2");
        write.begin ("w");
        read.begin ("r3");
        yield rwlock.wrlock_async ();
        journal.check ("r1 r2 -r1 -r2 w -w r3 -r3");
        assert_false (rwlock.tryrdlock ());
        rwlock.downgrade ();
        assert_true (rwlock.tryrdlock ());
        assert_false (rwlock.trywrlock ());
        rwlock.unlock ();
        yield rwlock.upgrade_async ();
        assert_false (rwlock.tryrdlock ());
        rwlock.unlock ();
        assert_true (rwlock.trywrlock ());
        rwlock.unlock ();
    }
}

private class UpgradeCancelScenario : Scenario {
    /* Cancelled, it is a reader as before. */
    public override async void run () throws Error {
        var rwlock = new Gco.AsyncRwlock ();
        var cancellable = new Cancellable ();
        yield rwlock.rdlock_async ();
        yield rwlock.rdlock_async ();
        Idle.add (() => {
            cancellable.cancel ();
            return Source.REMOVE;
        });
        try {
            yield rwlock.upgrade_async (cancellable);
            assert_not_reached ();
        } catch (IOError.CANCELLED e) {
        }
        rwlock.unlock ();
        assert_false (rwlock.trywrlock ());
        rwlock.unlock ();
        assert_true (rwlock.trywrlock ());
        rwlock.unlock ();
    }
}

private class SemaphoreScenario : Scenario {
    private Gco.AsyncSemaphore semaphore = new Gco.AsyncSemaphore (2);
    private int inside = 0;
    private int most = 0;
    private int ended = 0;

    private async void visit () throws Error {
        yield semaphore.acquire_async ();
        most = int.max (most, ++inside);
        yield rest ();
        inside--;
        ended++;
        semaphore.release ();
    }

    public override async void run () throws Error {
        assert_cmpuint (semaphore.n_permits, CompareOperator.EQ, 2);
        for (int i = 0; i < 5; i++) {
            visit.begin ();
        }
        assert_cmpuint (semaphore.get_n_free (), CompareOperator.EQ, 0);
        assert_false (semaphore.tryacquire ());
        while (ended < 5) {
            yield rest ();
        }
        assert_cmpint (most, CompareOperator.EQ, 2);
        assert_cmpuint (semaphore.get_n_free (), CompareOperator.EQ, 2);
        assert_true (semaphore.tryacquire ());
        semaphore.release ();
    }
}

private class WaitQueueScenario : Scenario {
    private Gco.AsyncMutex mutex = new Gco.AsyncMutex ();
    private Gco.AsyncWaitQueue queue = new Gco.AsyncWaitQueue ();
    private Journal journal = new Journal ();

    private async void wait (string who, Cancellable? cancellable = null) throws Error {
        yield mutex.lock_async ();
        try {
            yield queue.wait_async (mutex, cancellable);
            journal.note (who);
        } catch (IOError.CANCELLED e) {
            journal.note ("no " + who);
        }
        /* either way it is held again */
        mutex.unlock ();
    }

    public override async void run () throws Error {
        var cancellable = new Cancellable ();
        assert_false (queue.next ());
        wait.begin ("a");
        wait.begin ("b", cancellable);
        wait.begin ("c");
        wait.begin ("d");
        /* the last of them has let go of it now, and waits */
        yield mutex.lock_async ();
        assert_false (queue.is_empty ());
        assert_true (queue.next ());
        cancellable.cancel ();
        mutex.unlock ();
        yield rest ();
        yield mutex.lock_async ();
        journal.check ("a no b");
        queue.restart_all ();
        mutex.unlock ();
        yield rest ();
        yield mutex.lock_async ();
        journal.check ("a no b c d");
        mutex.unlock ();
        assert_true (queue.is_empty ());
    }
}

private class NoMutexScenario : Scenario {
    public override async void run () throws Error {
        var queue = new Gco.AsyncWaitQueue ();
        Idle.add (() => {
            assert_true (queue.next ());
            return Source.REMOVE;
        });
        assert_true (yield queue.wait_async ());
    }
}

private static int main (string[] args) {
    Test.init (ref args);
    Scenario.add ("/vala/async/lock", typeof (LockScenario));
    Scenario.add ("/vala/async/fifo", typeof (FifoScenario));
    Scenario.add ("/vala/async/cancel", typeof (CancelScenario));
    Scenario.add ("/vala/async/granted-then-cancelled", typeof (GrantedScenario));
    Scenario.add ("/vala/async/abandoned", typeof (AbandonedScenario));
    Scenario.add ("/vala/async/misuse", typeof (MisuseScenario));
    Scenario.add ("/vala/async/rwlock", typeof (RwlockScenario));
    Scenario.add ("/vala/async/upgrade-cancelled", typeof (UpgradeCancelScenario));
    Scenario.add ("/vala/async/semaphore", typeof (SemaphoreScenario));
    Scenario.add ("/vala/async/wait-queue", typeof (WaitQueueScenario));
    Scenario.add ("/vala/async/wait-queue-without-mutex", typeof (NoMutexScenario));
    return Test.run ();
}
