/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mutexes as people write them, in good faith; what is wrong stands above each. */

/* What the load calls: lock_for () is each one's own lock (). It has no Cancellable, for
 * which its own GTask would look at the end. */
public interface Lock : Object {
    public abstract async void lock_for (Client client) throws Error;
    public abstract void unlock ();
    public abstract bool is_locked ();
}

public class LibraryMutex : Object, Lock {
    private Gco.AsyncMutex mutex = new Gco.AsyncMutex ();

    public async void lock_for (Client client) throws Error {
        yield mutex.lock_async (client.cancellable);
    }

    public void unlock () {
        try {
            mutex.unlock ();
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    }

    public bool is_locked () {
        return mutex.is_locked ();
    }
}

public class Waiter : Object {
    private SourceFunc callback;
    public bool granted;

    public Waiter (owned SourceFunc callback) {
        this.callback = (owned) callback;
    }

    public void wake () {
        Idle.add (() => callback ());
    }
}

/* What all have that follow: a flag, and those who wait in any order. */
public abstract class HandMade : Object, Lock {
    protected bool locked;
    protected Queue<Waiter> waiting = new Queue<Waiter> ();

    public abstract async void lock_for (Client client) throws Error;

    public virtual void unlock () {
        locked = false;
        var next = waiting.pop_head ();
        if (next != null)
            next.wake ();
    }

    public bool is_locked () {
        return locked;
    }
}

/* Wrong: whoever asked first is served last. */
public class StackMutex : HandMade {
    public async void lock () {
        while (locked) {
            waiting.push_head (new Waiter (lock.callback));
            yield;
        }
        locked = true;
    }

    public override async void lock_for (Client client) throws Error {
        yield lock ();
    }
}

/* Wrong: who was woken and finds itself cancelled throws, and wakes nobody instead. */
public class WakeMutex : HandMade {
    public async void lock (Cancellable cancellable) throws Error {
        while (locked) {
            var waiter = new Waiter (lock.callback);
            waiting.push_tail (waiter);
            var handler = cancellable.cancelled.connect (() => {
                if (waiting.remove (waiter))
                    waiter.wake ();
            });
            yield;
            cancellable.disconnect (handler);
            cancellable.set_error_if_cancelled ();
        }
        locked = true;
    }

    public override async void lock_for (Client client) throws Error {
        yield lock (client.cancellable);
    }
}

/* Wrong: lock () has a Cancellable, so its GTask looks at that when it is finished, and
 * reports CANCELLED to the one who was given the mutex. */
public class TaskMutex : HandMade {
    public async void lock (Cancellable cancellable) throws Error {
        if (!locked) {
            locked = true;
            return;
        }
        var waiter = new Waiter (lock.callback);
        waiting.push_tail (waiter);
        var handler = cancellable.cancelled.connect (() => {
            if (waiting.remove (waiter))
                waiter.wake ();
        });
        yield;
        cancellable.disconnect (handler);
        if (!waiter.granted)
            cancellable.set_error_if_cancelled ();
    }

    public override void unlock () {
        var next = waiting.pop_head ();
        locked = next != null;
        if (next != null) {
            next.granted = true;
            next.wake ();
        }
    }

    public override async void lock_for (Client client) throws Error {
        yield lock (client.cancellable);
    }
}

/* Wrong: what the lock statement takes is a RecMutex. It keeps out other threads, and all
 * who share a main loop are one thread. */
public class StatementMutex : Object, Lock {
    private RecMutex mutex = RecMutex ();

    public async void lock_for (Client client) throws Error {
        mutex.lock ();
    }

    public void unlock () {
        mutex.unlock ();
    }

    public bool is_locked () {
        return false;           // never to this thread
    }
}
