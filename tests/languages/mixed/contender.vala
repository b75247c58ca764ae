/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiters in Vala, beside coroutines in C and, in a library of this, beside others. */

namespace GcoMixed {
    /* To the end of what is ready. */
    public async void pass () {
        Idle.add (pass.callback, Priority.DEFAULT);
        yield;
    }

    /* Stands in the line of one lock. */
    public class Contender : Object {
        public GcoPartner.Line line { get; construct; }
        public Object face { get; construct; }
        public string name { get; construct; }

        /* No parameter of an async method: that one's GTask would get it too, and fail
         * where the lock was granted just before the cancellation, and keep it locked. */
        private Cancellable? cancellable;

        public Contender (GcoPartner.Line line, Object face, string name) {
            Object (line: line, face: face, name: name);
        }

        /* A wait that may be cancelled: the ticket, or 0. */
        private async uint wait (bool exclusive, Gco.AsyncMutex? mutex = null) throws Error {
            cancellable = line.toss (3) > 0 ? new Cancellable () : null;
            var ticket = line.ask (name, exclusive ? line.get_capacity () : 1, cancellable);
            try {
                yield take (exclusive, mutex);
            } catch (IOError.CANCELLED e) {
                line.gave_up (ticket);
                return 0;
            }
            line.got (ticket);
            line.disturb ();
            return ticket;
        }

        private async void take (bool exclusive, Gco.AsyncMutex? mutex) throws Error {
            var rwlock = face as Gco.AsyncRwlock;
            if (face is Gco.AsyncMutex)
                yield ((Gco.AsyncMutex) face).lock_async (cancellable);
            else if (face is Gco.AsyncSemaphore)
                yield ((Gco.AsyncSemaphore) face).acquire_async (cancellable);
            else if (face is Gco.AsyncWaitQueue)
                yield ((Gco.AsyncWaitQueue) face).wait_async (mutex, cancellable);
            else if (exclusive)
                yield rwlock.wrlock_async (cancellable);
            else
                yield rwlock.rdlock_async (cancellable);
        }

        private void let_go () throws Error {
            if (face is Gco.AsyncMutex)
                ((Gco.AsyncMutex) face).unlock ();
            else if (face is Gco.AsyncSemaphore)
                ((Gco.AsyncSemaphore) face).release ();
            else
                ((Gco.AsyncRwlock) face).unlock ();
        }

        /* One time in four, a reader becomes the writer, and a writer a reader. */
        private async uint change (uint ticket, bool exclusive) throws Error {
            var rwlock = face as Gco.AsyncRwlock;
            if (rwlock == null || line.toss (4) > 0)
                return ticket;
            if (exclusive) {
                line.downgrade (ticket, 1);
                rwlock.downgrade ();
                return ticket;
            }
            line.give_back (ticket);
            var next = line.ask (name, line.get_capacity (), null);
            yield rwlock.upgrade_async ();
            line.got (next);
            return next;
        }

        private async void round () throws Error {
            var exclusive = face is Gco.AsyncMutex ||
                (face is Gco.AsyncRwlock && line.toss (3) == 0);
            var ticket = yield wait (exclusive);
            if (ticket == 0)
                return;
            if (line.toss (4) == 0)
                yield pass ();
            ticket = yield change (ticket, exclusive);
            line.give_back (ticket);
            let_go ();
        }

        /* Until all in the line together have had the lock so often. */
        public async bool contend_async (uint n_rounds) throws Error {
            while (line.get_n_granted () < n_rounds) {
                yield round ();
                if (line.toss (16) == 0)
                    yield pass ();
            }
            return true;
        }

        /* The same for a queue and its mutex. */
        public async bool queue_async (Gco.AsyncMutex mutex, uint n_rounds) throws Error {
            while (line.get_n_granted () < n_rounds) {
                yield mutex.lock_async ();
                var ticket = yield wait (true, mutex);
                if (ticket != 0)
                    line.give_back (ticket);
                mutex.unlock ();
            }
            return true;
        }
    }
}
