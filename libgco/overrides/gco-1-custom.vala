/* SPDX-License-Identifier: LGPL-2.1-or-later */
// What Gco-1.metadata cannot say. lvalue_access = false: without it the compiler hands a
// copy of a lock to a function that takes one.

namespace Gco {
    [CCode (lvalue_access = false)]
    public struct Await {
        public Await (GLib.Cancellable? cancellable = null);
        [CCode (instance_pos = -1)]
        public void ready (GLib.Object? source_object, GLib.AsyncResult result);
    }

    [CCode (lvalue_access = false)]
    public struct Mutex {
        public Mutex ();
        public Mutex.with_context (Gco.AioContext? ctx);
    }

    [CCode (lvalue_access = false)]
    public struct Queue {
        public Queue ();
        public Queue.with_context (Gco.AioContext? ctx);
    }

    [CCode (lvalue_access = false)]
    public struct Rwlock {
        public Rwlock ();
        public Rwlock.with_context (Gco.AioContext? ctx);
    }

    [CCode (lvalue_access = false)]
    public struct Semaphore {
        public Semaphore (uint n_permits);
        public Semaphore.with_context (uint n_permits, Gco.AioContext? ctx);
    }

    [CCode (lvalue_access = false)]
    public struct Sleep {
        public Sleep ();
    }

    [CCode (cheader_filename = "gco.h", has_type_id = false)]
    [SimpleType]
    [Version (since = "1.0")]
    public struct Lockable {
        [CCode (cname = "gco_lockable_for_mutex")]
        public Lockable.for_mutex (Gco.Mutex? mutex);
        [CCode (cname = "gco_lockable_for_thread_mutex")]
        public Lockable.for_thread_mutex (GLib.Mutex? mutex);
        [CCode (cname = "gco_lockable_none")]
        public Lockable.none (void* nothing = null);
    }

    [CCode (cheader_filename = "gco.h", free_function = "gco_mutex_locker_free",
            has_type_id = false)]
    [Compact]
    [Version (since = "1.0")]
    public class MutexLocker {
        public MutexLocker (Gco.Mutex? mutex);
    }

    [CCode (cheader_filename = "gco.h", free_function = "gco_rwlock_locker_free",
            has_type_id = false)]
    [Compact]
    [Version (since = "1.0")]
    public class RwlockLocker {
        [CCode (cname = "gco_rwlock_reader_locker_new")]
        public RwlockLocker.reader (Gco.Rwlock? rwlock);
        [CCode (cname = "gco_rwlock_writer_locker_new")]
        public RwlockLocker.writer (Gco.Rwlock? rwlock);
    }

    [CCode (cheader_filename = "gco.h")]
    [Version (since = "1.0")]
    public void dump (GLib.FileStream stream);
    [CCode (cheader_filename = "gco.h")]
    [Version (since = "1.0")]
    public void sleep_ns (Gco.Clock? clock, int64 ns);
    [CCode (cheader_filename = "gco.h")]
    [Version (since = "1.0")]
    public bool sleep_ns_cancellable (Gco.Clock? clock, int64 ns,
                                      GLib.Cancellable? cancellable = null) throws GLib.IOError;
    [CCode (cheader_filename = "gco.h")]
    [Version (since = "1.0")]
    public bool sleep_until (Gco.Clock? clock, int64 deadline_ns,
                             GLib.Cancellable? cancellable = null) throws GLib.IOError;
    [CCode (cheader_filename = "gco.h")]
    [Version (since = "1.0")]
    public GLib.Task task_new (GLib.Object? source_object, GLib.Cancellable? cancellable,
                               [CCode (scope = "async")] GLib.AsyncReadyCallback? callback);
}
