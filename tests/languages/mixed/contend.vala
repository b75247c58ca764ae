/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C coroutines and Vala in one line for each lock. */

private const uint EVERYBODY = 1 << 20;
/* Fewer rounds would leave some without a turn, and nobody cancelled. */
private const uint FEW = 1000;

private uint32 seed;
private uint divisor = 1;
private uint n_points;
private bool failed;

private void point (string name, bool ok, string detail = "") {
    print ("%s %u - %s\n", ok ? "ok" : "not ok", ++n_points, name);
    if (!ok)
        print ("# %s: %s\n", name, detail);
    failed = failed || !ok;
}

/* Who is still at it. */
private class Game : Object {
    public GcoPartner.Line line { get; construct; }
    public Object face { get; construct; }
    public uint n_rounds { get; construct; }
    public Cancellable stop = new Cancellable ();
    private uint n_playing;
    private string[] seats = {};

    public Game (uint capacity, Object face, uint n_rounds) {
        Object (line: new GcoPartner.Line (capacity, seed), face: face, n_rounds: n_rounds);
        GcoPartner.watch (line);
        GcoPartner.watch (face);
    }

    private async void sit_c (string name, Gco.AsyncMutex? mutex) throws Error {
        if (mutex != null)
            yield line.queue_async ((Gco.AsyncWaitQueue) face, mutex, name, n_rounds);
        else
            yield line.contend_async (face, name, n_rounds);
    }

    private async void sit_vala (string name, Gco.AsyncMutex? mutex) throws Error {
        var contender = new GcoMixed.Contender (line, face, name);
        if (mutex != null)
            yield contender.queue_async (mutex, n_rounds);
        else
            yield contender.contend_async (n_rounds);
    }

    private async void sit (string name, Gco.AsyncMutex? mutex) {
        n_playing++;
        try {
            if (name.has_prefix ("C"))
                yield sit_c (name, mutex);
            else
                yield sit_vala (name, mutex);
        } catch (Error e) {
            error ("%s: %s", name, e.message);
        }
        n_playing--;
    }

    public async void play (Gco.AsyncMutex? mutex = null) {
        for (var i = 0; i < 4; i++) {
            foreach (unowned var language in new string[] { "C", "Vala" }) {
                var name = @"$language $i";
                seats += name;
                sit.begin (name, mutex);
            }
        }
        while (n_playing > 0)
            yield GcoMixed.pass ();
        // Those that were abandoned are given it, and give it back.
        for (var i = 0; i < 3; i++)
            yield GcoMixed.pass ();
    }

    public void judge (string name, bool free) {
        point (@"$name: $n_rounds rounds in order, $(line.get_n_cancelled ()) cancelled",
               line.dup_complaint () == "" && line.get_n_cancelled () > 0,
               line.dup_complaint ());
        var poor = "";
        foreach (unowned var seat in seats) {
            if (line.get_n_granted_to (seat) < n_rounds / seats.length / 50)
                poor += @" $seat $(line.get_n_granted_to (seat))";
        }
        point (@"$name: everybody had a share", poor == "", poor);
        point (@"$name: free, and nobody there", free && line.get_n_there () == 0);
    }
}

private async void judge_mutex () {
    var mutex = new Gco.AsyncMutex ();
    var game = new Game (1, mutex, uint.max (10000 / divisor, FEW));
    yield game.play ();
    game.judge ("mutex", !mutex.is_locked ());
}

private async void judge_rwlock () {
    var rwlock = new Gco.AsyncRwlock ();
    var game = new Game (EVERYBODY, rwlock, FEW);
    yield game.play ();
    game.judge ("rwlock", rwlock.trywrlock ());
}

private async void judge_semaphore () {
    var semaphore = new Gco.AsyncSemaphore (3);
    var game = new Game (3, semaphore, FEW);
    yield game.play ();
    game.judge ("semaphore", semaphore.get_n_free () == 3);
}

/* Not with the Cancellable: its GTask would fail too, and forget the number. */
private async ssize_t pump (Game game) {
    try {
        return yield game.line.pump_async ((Gco.AsyncWaitQueue) game.face, game.stop);
    } catch (Error e) {
        error ("%s", e.message);
    }
}

private async void judge_queue () {
    var queue = new Gco.AsyncWaitQueue ();
    var mutex = new Gco.AsyncMutex ();
    var game = new Game (1, queue, FEW);
    ssize_t n_picked = -1;
    GcoPartner.watch (mutex);
    pump.begin (game, (source, result) => n_picked = pump.end (result));
    yield game.play (mutex);
    game.stop.cancel ();
    while (n_picked < 0)
        yield GcoMixed.pass ();
    game.judge ("wait queue", queue.is_empty () && !mutex.is_locked ());
    point ("wait queue: no wake-up was lost", n_picked == game.line.get_n_granted (),
           @"$n_picked picked, $(game.line.get_n_granted ()) woken");
}

private async void judge_balance (string name, uint n_refs) {
    // The frame of a method that has just returned goes in the next iteration.
    yield GcoMixed.pass ();
    var left = "%u objects, %u coroutines, %d references to the context".printf (
        GcoPartner.get_n_watched (),
        GcoPartner.get_n_coroutines (),
        (int) (GcoPartner.get_n_context_refs () - n_refs));
    point (@"$name: nothing is left",
        left == "0 objects, 0 coroutines, 0 references to the context",
           left);
}

private async void judge_all () {
    var n_refs = GcoPartner.get_n_context_refs ();
    yield judge_mutex ();
    yield judge_balance ("mutex", n_refs);
    yield judge_rwlock ();
    yield judge_balance ("rwlock", n_refs);
    yield judge_semaphore ();
    yield judge_balance ("semaphore", n_refs);
    yield judge_queue ();
    yield judge_balance ("wait queue", n_refs);
}

private uint number_from (string variable, uint otherwise) {
    unowned var text = Environment.get_variable (variable);
    return text != null ? uint.parse (text) : otherwise;
}

public static int main () {
    var loop = new MainLoop ();
    seed = number_from ("GCO_MIXED_SEED", Random.next_int () >> 1);
    divisor = number_from ("GCO_TEST_DIVISOR", 1);
    print ("# GCO_MIXED_SEED=%u\n", seed);
    judge_all.begin ((source, result) => {
        judge_all.end (result);
        loop.quit ();
    });
    loop.run ();
    print ("1..%u\n", n_points);
    return failed ? 1 : 0;
}
