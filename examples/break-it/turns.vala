/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The load and its observer: who asks, lets go and gives up in which turn of the main
 * loop, and what came of it. They know nothing of the mutex but what its users know. */

/* xorshift32: the same numbers in every language. */
public uint32 xorshift32 (ref uint32 state) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

public class Turn : Object {
    public int[] patience = {};     // of each who asks
    public bool release = true;
    public bool cancel_first;

    /* What is going to happen, whatever the mutex. */
    public Turn.drawn (ref uint32 state) {
        var r = xorshift32 (ref state);
        int[] how_many = { 0, 1, 1, 2 };
        patience = new int[how_many[r & 3]];
        for (var i = 0; i < patience.length; i++) {
            var q = xorshift32 (ref state);
            patience[i] = (q & 1) != 0 ? 1 + (int) (q >> 1 & 7) : int.MAX / 2;
        }
        release = (r >> 2 & 3) != 0;
        cancel_first = (r >> 4 & 1) != 0;
    }
}

public enum State { WAITING, HOLDING, SERVED, GAVE_UP, REFUSED }

public class Client : Object {
    public int number;
    public int asked;
    public int until;
    public State state = State.WAITING;
    public Cancellable cancellable = new Cancellable ();

    public bool is_waiting () {
        return state == State.WAITING && !cancellable.is_cancelled ();
    }
}

/* What was seen, over all rounds. */
public class Tally : Object {
    public int asks;
    public int order;
    public int together;
    public int lost;
    public int leaked;
    public int refused;
    public int unserved;
    public int longest;
    public string whose = "-";
}

public class Round : Object {
    public const int TURNS = 24;    // that are planned; then come those that nobody asks in
    private const int QUIET = 4;    // turns without a holder, and nothing comes any more

    public Lock mutex;
    public int number;
    public Tally tally;

    private GenericArray<Client> clients = new GenericArray<Client> ();
    private Queue<Client> holders = new Queue<Client> ();
    private int now;
    private bool asleep;

    public async void play (Turn[] plan) {
        foreach (var turn in plan)
            yield play_turn (turn);
        for (var quiet = 0; quiet < QUIET; quiet = holders.is_empty () ? quiet + 1 : 0)
            yield play_turn (new Turn ());
        end ();
    }

    /* What is let go and who gives up was settled before this turn began: all of it meets
     * in one iteration of the main loop. */
    private async void play_turn (Turn turn) {
        var holder = holders.peek_head ();
        var tired = new GenericArray<Client> ();

        clients.foreach ((client) => {
            if (client.state == State.WAITING && client.until == now)
                tired.add (client);
        });
        if (turn.cancel_first)
            give_up (tired);
        if (holder != null && turn.release) {
            holders.remove (holder);
            holder.state = State.SERVED;
            mutex.unlock ();
        }
        if (!turn.cancel_first)
            give_up (tired);
        foreach (var patience in turn.patience) {
            var client = new Client () {
                number = clients.length + 1, asked = now, until = now + patience
            };
            clients.add (client);
            tally.asks++;
            use.begin (client);
        }
        yield settled ();
        observe ();
        now++;
    }

    /* A turn is over when the main loop has nothing else to do. Who rested for an iteration
     * to let redraws through has had his turn in the next. */
    private async void settled () {
        for (var idle = 0; idle < 3; idle++) {
            Idle.add (settled.callback, Priority.LOW);
            yield;
        }
    }

    private async void use (Client client) {
        try {
            yield mutex.lock_for (client);
            got (client);
        } catch (Error error) {
            waited (client);
            client.state = client.cancellable.is_cancelled () ? State.GAVE_UP : State.REFUSED;
        }
    }

    private void got (Client client) {
        for (var i = 0; i < client.number - 1; i++)
            tally.order += clients[i].is_waiting () ? 1 : 0;
        tally.together += holders.is_empty () ? 0 : 1;
        waited (client);
        client.state = State.HOLDING;
        holders.push_tail (client);
    }

    private void give_up (GenericArray<Client> tired) {
        tired.foreach ((client) => client.cancellable.cancel ());
    }

    private void waited (Client client) {
        if (now - client.asked > tally.longest) {
            tally.longest = now - client.asked;
            tally.whose = @"$number/$(client.number)";
        }
    }

    private void observe () {
        var waiting = false;

        clients.foreach ((client) => waiting |= client.is_waiting ());
        var now_asleep = holders.is_empty () && !mutex.is_locked () && waiting;
        tally.lost += now_asleep && !asleep ? 1 : 0;
        asleep = now_asleep;
    }

    private void end () {
        tally.leaked += holders.is_empty () && mutex.is_locked () ? 1 : 0;
        clients.foreach ((client) => {
            if (client.is_waiting ()) {
                waited (client);
                tally.unserved++;
            }
            tally.refused += client.state == State.REFUSED ? 1 : 0;
        });
        give_up (clients);
    }
}
