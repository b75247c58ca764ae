/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mutexes that people write by hand, beside Gco.AsyncMutex, under the same load. */

private int64 seed = 1;
private int64 rounds = 100;
private const OptionEntry[] OPTIONS = {
    { "seed", 0, 0, OptionArg.INT64, ref seed, "Where the random numbers begin", "N" },
    { "rounds", 0, 0, OptionArg.INT64, ref rounds, "How many, each with a new mutex", "N" },
    { null }
};

private string row (string name, Tally tally) {
    string[] words = { "unfair", "lets two in", "sleeps", "leaks", "refuses" };
    int[] times = { tally.order, tally.together, tally.lost, tally.leaked, tally.refused };
    string[] wrong = {};

    for (var i = 0; i < words.length; i++) {
        if (times[i] != 0)
            wrong += words[i];
    }
    return "  %-14s%7d%6d%6d%7d%5d by %-6s%6d  %s".printf (name,
        tally.order, tally.together, tally.lost, tally.leaked,
        tally.longest, tally.whose, tally.unserved + tally.refused,
        wrong.length != 0 ? string.joinv (", ", wrong) : "correct");
}

private async void compare () {
    string[] names = {
        "Gco.AsyncMutex", "waiter stack", "flag and wake", "GTask queue", "lock statement"
    };
    Type[] kinds = {
        typeof (LibraryMutex), typeof (StackMutex), typeof (WakeMutex), typeof (TaskMutex),
        typeof (StatementMutex)
    };
    string[] rows = {};
    var heading = "";

    for (var kind = 0; kind < kinds.length; kind++) {
        var state = (uint32) seed;
        var tally = new Tally ();
        for (var number = 1; number <= rounds; number++) {
            var plan = new Turn[Round.TURNS];
            for (var i = 0; i < plan.length; i++)
                plan[i] = new Turn.drawn (ref state);
            var round = new Round () {
                mutex = (Lock) Object.new (kinds[kind]), number = number, tally = tally
            };
            yield round.play (plan);
        }
        rows += row (names[kind], tally);
        heading = "seed %u, %u rounds, %d asks, schedule %08x".printf (
            (uint) seed, (uint) rounds, tally.asks, state);
    }

    print ("%s\n\n", heading);
    print ("                  order   two wakes  locks   longest wait   not\n");
    print ("                 broken    in  lost leaked  turns by who served  verdict\n");
    print ("Vala\n%s\n", string.joinv ("\n", rows));
}

private int main (string[] args) {
    var context = new OptionContext ("- mutexes under load");

    context.add_main_entries (OPTIONS, null);
    try {
        context.parse (ref args);
        if (args.length > 1 || seed < 1 || seed > uint32.MAX || rounds < 1 || rounds > uint32.MAX)
            throw new OptionError.BAD_VALUE ("seed and rounds are from 1 to 4294967295");
    } catch (OptionError error) {
        printerr ("break-it-vala: %s\n", error.message);
        return 2;
    }

    var loop = new MainLoop ();
    compare.begin ((source, result) => loop.quit ());
    loop.run ();
    return 0;
}
