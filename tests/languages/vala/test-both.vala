/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Async methods and coroutines in one line for one lock. */

private class Both : Scenario {
    protected Gco.AsyncMutex mutex = new Gco.AsyncMutex ();
    protected Journal journal = new Journal ();
    protected int n_cancelled = 0;

    /* Each stands in line when the call returns. */
    protected async void visit_async (string who, Cancellable? limit = null) {
        try {
            yield mutex.lock_async (limit);
            journal.note (who);
            yield rest ();
            mutex.unlock ();
        } catch (IOError e) {
            n_cancelled++;
        }
    }

    protected void visit_stackful (string who, Cancellable? limit = null) {
        Gco.Coroutine.create (() => {
            try {
                mutex.get_mutex ()->lock_cancellable (limit);
                journal.note (who);
                Gco.sleep_ns (null, 0);
                mutex.get_mutex ()->unlock ();
            } catch (IOError e) {
                n_cancelled++;
            }
        }).enter ();
    }

    public override async void run () throws Error {
        yield mutex.lock_async ();
        visit_stackful ("1");
        visit_async.begin ("2");
        visit_stackful ("3");
        visit_stackful ("4");
        visit_async.begin ("5");
        visit_async.begin ("6");
        visit_stackful ("7");
        journal.check ("");
        mutex.unlock ();
        yield mutex.lock_async ();
        journal.check ("1 2 3 4 5 6 7");
        mutex.unlock ();
        assert_false (mutex.is_locked ());
    }
}

private class RandomScenario : Both {
    /* Any mixture, some of them cancelled while they wait: the others keep their order. */
    public override async void run () throws Error {
        for (int round = 0; round < 50; round++) {
            var expected = new Journal ();
            var limits = new GenericArray<Cancellable> ();
            journal = new Journal ();
            yield mutex.lock_async ();
            int n = Test.rand_int_range (1, 40);
            for (int i = 0; i < n; i++) {
                limits.add (new Cancellable ());
                if (Test.rand_int () % 2 == 0) {
                    visit_async.begin (i.to_string (), limits[i]);
                } else {
                    visit_stackful (i.to_string (), limits[i]);
                }
            }
            int n_expected = n_cancelled;
            for (int i = 0; i < n; i++) {
                if (Test.rand_int () % 3 == 0) {
                    limits[i].cancel ();
                    n_expected++;
                } else {
                    expected.note (i.to_string ());
                }
            }
            mutex.unlock ();
            yield mutex.lock_async ();
            journal.check_same (expected);
            while (n_cancelled < n_expected) {
                yield rest ();
            }
            assert_cmpint (n_cancelled, CompareOperator.EQ, n_expected);
            mutex.unlock ();
            assert_false (mutex.is_locked ());
        }
    }
}

private class HolderScenario : Both {
    /* What a coroutine holds is not for an async method to unlock. */
    public override async void run () throws Error {
        visit_stackful ("1");
        try {
            mutex.unlock ();
            assert_not_reached ();
        } catch (IOError.PERMISSION_DENIED e) {
        }
        yield mutex.lock_async ();
        journal.check ("1");
        mutex.unlock ();
    }
}

private class OthersScenario : Scenario {
    /* The same line in the other locks. */
    public override async void run () throws Error {
        var journal = new Journal ();
        var rwlock = new Gco.AsyncRwlock ();
        var semaphore = new Gco.AsyncSemaphore (1);
        var queue = new Gco.AsyncWaitQueue ();
        yield rwlock.wrlock_async ();
        yield semaphore.acquire_async ();
        Gco.Coroutine.create (() => {
            rwlock.get_rwlock ()->rdlock ();
            journal.note ("reader");
            rwlock.get_rwlock ()->unlock ();
            semaphore.get_semaphore ()->acquire ();
            journal.note ("permit");
            semaphore.get_semaphore ()->release ();
            queue.get_queue ()->wait ();
            journal.note ("picked");
        }).enter ();
        journal.check ("");
        rwlock.unlock ();
        yield rwlock.wrlock_async ();
        journal.check ("reader");
        rwlock.unlock ();
        semaphore.release ();
        yield semaphore.acquire_async ();
        journal.check ("reader permit");
        semaphore.release ();
        yield rest ();
        assert_true (queue.next ());
        yield rest ();
        journal.check ("reader permit picked");
    }
}

private class QueueScenario : Scenario {
    /* A coroutine waits for what an async method does, and that for the coroutine. */
    private int n_items = 0;

    public override async void run () throws Error {
        var mutex = new Gco.AsyncMutex ();
        var queue = new Gco.AsyncWaitQueue ();
        Gco.Coroutine.create (() => {
            Gco.Mutex* inner = mutex.get_mutex ();
            inner->lock ();
            while (n_items == 0) {
                queue.get_queue ()->wait (*inner);
            }
            n_items--;
            queue.next ();
            inner->unlock ();
        }).enter ();
        yield mutex.lock_async ();
        n_items++;
        queue.next ();
        while (n_items > 0) {
            yield queue.wait_async (mutex);
        }
        assert_cmpint (n_items, CompareOperator.EQ, 0);
        mutex.unlock ();
    }
}

private static int main (string[] args) {
    Test.init (ref args);
    Scenario.add ("/vala/both/fifo", typeof (Both));
    Scenario.add ("/vala/both/random-cancels", typeof (RandomScenario));
    Scenario.add ("/vala/both/holder", typeof (HolderScenario));
    Scenario.add ("/vala/both/other-locks", typeof (OthersScenario));
    Scenario.add ("/vala/both/queue", typeof (QueueScenario));
    return Test.run ();
}
