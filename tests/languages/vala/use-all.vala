/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every function that Vala has, called as it is meant to be. Compiled and linked, not
 * run: check-complete looks for what is not in here. */

private static void use_contexts () {
    var ctx = new Gco.AioContext ();
    unowned var same = Gco.AioContext.get_default ();
    same = Gco.AioContext.get_thread_default ();
    same = Gco.AioContext.get_current ();
    ctx.attach ();
    ctx.attach (MainContext.default ());
    ctx.dup_source ().set_priority (Priority.LOW);
    ctx.notify ();
    try {
        ctx.trypoll (false);
    } catch (Error e) {
        same.notify ();
    }
    if (ctx.poll (true)) {
        ctx.release_thread ();
    }
    ctx.schedule_oneshot (() => same.notify ());
    ctx.set_fd_handler (0, IOCondition.IN, (fd, condition) => ctx.notify ());
    ctx.set_fd_handler (0, 0, null);
    ctx.shutdown ();
}

private static void use_loop () throws Error {
    Gco.dump (stderr);
    var notifier = new Gco.EventNotifier ();
    new Gco.AioContext ().set_event_notifier (notifier, () => notifier.set ());
    if (notifier.test_and_clear () && notifier.get_fd () >= 0) {
        notifier.set ();
    }
    var bh = new Gco.Bh (null, () => {});
    bh.schedule ();
    bh.schedule_idle ();
    bh.cancel ();
    var clock = new Gco.Clock.manual ();
    clock.advance (Gco.Clock.get_monotonic ().get_time_ns ());
    var timer = new Gco.Timer (null, Gco.Clock.get_realtime (), () => {});
    timer.mod_ns (0);
    if (timer.is_pending ()) {
        timer.del ();
    }
}

private static void use_coroutines () throws Error {
    unowned Gco.Coroutine? coroutine = Gco.Coroutine.create (() => Gco.Coroutine.yield ());
    coroutine.enter ();
    coroutine.schedule (Gco.AioContext.get_default ());
    coroutine.wake ();
    coroutine = Gco.Coroutine.create_full ("name", 0, () => {});
    coroutine.set_name (coroutine.get_name ());
    if (coroutine.get_stack_size () <= coroutine.get_stack_usage () ||
        coroutine.get_aio_context () == null) {
        coroutine.free ();
    }
    if (Gco.in_coroutine () && Gco.Coroutine.self ().is_entered ()) {
        Gco.Coroutine.reschedule ();
        Gco.Coroutine.move_to (null);
    }
    Gco.Coroutine.call_outside (() => {});
    Gco.spawn (null, () => {});
}

private static void use_mutexes (Gco.Clock clock, Cancellable cancellable) throws Error {
    var mutex = Gco.Mutex ();
    mutex = Gco.Mutex.with_context (null);
    mutex.lock ();
    mutex.lock_cancellable ();
    mutex.lock_cancellable (cancellable);
    mutex.lock_until (clock, 1, cancellable);
    if (mutex.trylock ()) {
        mutex.unlock ();
    }
    var locker = new Gco.MutexLocker (mutex);
    locker = null;
}

private static void use_queues (Gco.Clock clock, Cancellable cancellable) throws Error {
    var mutex = Gco.Mutex ();
    var thread_mutex = GLib.Mutex ();
    var queue = Gco.Queue ();
    queue = Gco.Queue.with_context (null);
    queue.wait (mutex);
    queue.wait_insert_head (mutex);
    queue.wait_cancellable (mutex, cancellable);
    queue.wait_until (mutex, clock, 1, cancellable);
    queue.wait_full (Gco.Lockable.for_mutex (mutex), Gco.QueueWaitFlags.INSERT_HEAD, cancellable);
    queue.wait_full_until (Gco.Lockable.for_thread_mutex (thread_mutex),
                           Gco.QueueWaitFlags.DEFAULT, clock, 1, cancellable);
    queue.wait_full (Gco.Lockable.none (), Gco.QueueWaitFlags.DEFAULT);
    if (!queue.is_empty () && queue.next ()) {
        queue.restart_all ();
    }
}

private static void use_rwlocks (Gco.Clock clock, Cancellable cancellable) throws Error {
    var rwlock = Gco.Rwlock ();
    rwlock = Gco.Rwlock.with_context (null);
    rwlock.rdlock ();
    rwlock.rdlock_cancellable (cancellable);
    rwlock.rdlock_until (clock, 1, cancellable);
    rwlock.wrlock ();
    rwlock.wrlock_cancellable (cancellable);
    rwlock.wrlock_until (clock, 1, cancellable);
    rwlock.upgrade ();
    rwlock.upgrade_cancellable (cancellable);
    rwlock.upgrade_until (clock, 1, cancellable);
    rwlock.downgrade ();
    if (rwlock.tryrdlock () || rwlock.trywrlock ()) {
        rwlock.unlock ();
    }
    var locker = new Gco.RwlockLocker.reader (rwlock);
    locker = new Gco.RwlockLocker.writer (rwlock);
}

private static void use_semaphores (Gco.Clock clock, Cancellable cancellable) throws Error {
    var semaphore = Gco.Semaphore (2);
    semaphore = Gco.Semaphore.with_context (2, null);
    semaphore.acquire ();
    semaphore.acquire_cancellable (cancellable);
    semaphore.acquire_until (clock, 1, cancellable);
    if (semaphore.tryacquire () && semaphore.get_n_free () == 0) {
        semaphore.release ();
    }
}

private static void use_waits (Gco.Clock clock, Cancellable cancellable) throws Error {
    Gco.sleep_ns (clock, 1);
    Gco.sleep_ns_cancellable (clock, 1, cancellable);
    Gco.sleep_until (clock, 1, cancellable);
    var sleep = Gco.Sleep ();
    sleep.wait_ns (clock, 1);
    sleep.wait_ns_cancellable (clock, 1, cancellable);
    sleep.wait_until (clock, 1, cancellable);
    sleep.wake ();
    var condition = Gco.wait_fd (0, IOCondition.IN, cancellable);
    condition = Gco.wait_fd_until (0, condition, clock, 1, cancellable);
    var await = Gco.Await (cancellable);
    Bus.get.begin (BusType.SESSION, cancellable, (source, result) => await.ready (source, result));
    Bus.get.end (await.await ());
    Bus.get.begin (BusType.SESSION, cancellable, (source, result) => await.ready (source, result));
    Bus.get.end (await.until (clock, 1));
}

private static void use_scopes (Cancellable cancellable) throws Error {
    var scope = new Gco.Scope (cancellable);
    scope.spawn ((cancellable) => true);
    scope.spawn_full (null, "name", 0, (cancellable) => true);
    scope.set_deadline (null, 1);
    scope.bind_object (scope.get_cancellable ());
    if (scope.get_n_running () > 0 && Gco.Scope.get_current_cancellable () == null) {
        scope.cancel ();
    }
    scope.join ();
    Gco.run ((cancellable) => true, cancellable);
    Gco.run_sync ((cancellable) => true, cancellable);
    Gco.run_in_thread ((cancellable) => true, cancellable);
    Gco.task_run (Gco.task_new (scope, cancellable, (source, result) => {}),
                  (task, source, data, cancellable) => task.return_boolean (true));
}

private static void use_channel (Gco.Clock clock, Cancellable cancellable) throws Error {
    var channel = new Gco.Channel (1);
    channel.send (null, cancellable);
    channel.send_until (null, clock, 1, cancellable);
    channel.trysend (channel.tryreceive ());
    channel.trysend (channel.receive (cancellable));
    channel.trysend (channel.receive_until (clock, 1, cancellable));
    if (channel.get_n_items () < channel.get_capacity ()) {
        channel.close_send ();
    }
    channel.close_receive ();
}

private static async void use_faces (Cancellable limit) throws Error {
    var mutex = new Gco.AsyncMutex ();
    yield mutex.lock_async (limit);
    if (mutex.is_locked () && !mutex.trylock ()) {
        mutex.unlock ();
    }
    mutex.get_mutex ()->lock ();
    var rwlock = new Gco.AsyncRwlock ();
    yield rwlock.rdlock_async (limit);
    yield rwlock.upgrade_async (limit);
    rwlock.downgrade ();
    yield rwlock.wrlock_async (limit);
    if (rwlock.tryrdlock () || rwlock.trywrlock ()) {
        rwlock.unlock ();
    }
    rwlock.get_rwlock ()->rdlock ();
    var semaphore = new Gco.AsyncSemaphore (1);
    yield semaphore.acquire_async (limit);
    if (semaphore.tryacquire () && semaphore.get_n_free () < semaphore.n_permits) {
        semaphore.release ();
    }
    semaphore.get_semaphore ()->acquire ();
    var queue = new Gco.AsyncWaitQueue ();
    yield queue.wait_async (mutex, limit);
    if (!queue.is_empty () && queue.next ()) {
        queue.restart_all ();
    }
    queue.get_queue ()->wait (*mutex.get_mutex ());
    var channel = new Gco.Channel (1, (DestroyNotify) Object.unref);
    yield channel.send_async (yield channel.receive_async (limit), limit);
    yield new Gco.Scope ().join_async (limit);
}

private static void use_streams (Cancellable cancellable) throws Error {
    size_t n;
    var buffer = new uint8[10];
    var input = new MemoryInputStream ();
    Gco.input_stream_read (input, buffer, cancellable);
    Gco.input_stream_read_all (input, buffer, out n, cancellable);
    Gco.input_stream_read_bytes (input, 10, cancellable);
    Gco.input_stream_close (input, cancellable);
    var output = new MemoryOutputStream.resizable ();
    Gco.output_stream_write_all (output, buffer, out n, cancellable);
    Gco.output_stream_splice (output, input, OutputStreamSpliceFlags.NONE, cancellable);
    Gco.output_stream_flush (output, cancellable);
    Gco.output_stream_close (output, cancellable);
    var lines = new DataInputStream (input);
    Gco.data_input_stream_read_line (lines, out n, cancellable);
    Gco.data_input_stream_read_line_utf8 (lines, out n, cancellable);
    Gco.io_stream_close (new SimpleIOStream (input, output), cancellable);
}

private static void use_files (File file, Cancellable cancellable) throws Error {
    uint8[] contents;
    string etag;
    Gco.file_load_contents (file, cancellable, out contents, out etag);
    Gco.file_replace_contents (file, contents, etag, false, FileCreateFlags.NONE, out etag,
                               cancellable);
    Gco.file_read (file, cancellable);
    Gco.file_replace (file, etag, false, FileCreateFlags.NONE, cancellable);
    Gco.file_query_info (file, "*", FileQueryInfoFlags.NONE, cancellable);
    var children = Gco.file_enumerate_children (file, "*", FileQueryInfoFlags.NONE, cancellable);
    Gco.file_enumerator_next_files (children, 10, cancellable);
    Gco.file_copy (file, file, FileCopyFlags.NONE, cancellable, (now, total) => {});
    Gco.file_delete (file, cancellable);
    Gco.file_make_directory (file, cancellable);
}

private static void use_net (Cancellable cancellable) throws Error {
    string? output, errors;
    Object? source;
    Gco.socket_client_connect_to_host (new SocketClient (), "localhost", 80, cancellable);
    Gco.socket_listener_accept (new SocketListener (), out source, cancellable);
    var process = new Subprocess (SubprocessFlags.NONE, "true");
    Gco.subprocess_communicate_utf8 (process, null, cancellable, out output, out errors);
    Gco.subprocess_wait_check (process, cancellable);
    var bus = Gco.bus_get (BusType.SESSION, cancellable);
    Gco.dbus_connection_call (bus, "a.b", "/a", "a.b", "C", null, null, DBusCallFlags.NONE, -1,
                              cancellable);
    var proxy = new DBusProxy.sync (bus, DBusProxyFlags.NONE, null, "a.b", "/a", "a.b");
    Gco.dbus_proxy_call (proxy, "C", null, DBusCallFlags.NONE, -1, cancellable);
}

private static int main (string[] args) {
    if (args.length < 1000) {
        print ("1..0 # %d.%d.%d: compiled\n", Gco.MAJOR_VERSION, Gco.MINOR_VERSION,
               Gco.MICRO_VERSION);
        return 0;
    }
    var clock = new Gco.Clock.manual ();
    var cancellable = new Cancellable ();
    try {
        use_contexts ();
        use_loop ();
        use_coroutines ();
        use_mutexes (clock, cancellable);
        use_queues (clock, cancellable);
        use_rwlocks (clock, cancellable);
        use_semaphores (clock, cancellable);
        use_waits (clock, cancellable);
        use_scopes (cancellable);
        use_channel (clock, cancellable);
        use_faces.begin (cancellable);
        use_streams (cancellable);
        use_files (File.new_for_path (args[0]), cancellable);
        use_net (cancellable);
    } catch (Error e) {
        return 1;
    }
    return 0;
}
