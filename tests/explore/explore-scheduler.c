/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Actors are threads, so that thread-locals and stacks are the real ones; the turn is
 * passed from one to the next, and all but one sleep. What has no turn (the main thread,
 * before and after) goes through the hooks without being seen.
 */

#include "explore-scheduler.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a pause lets pass on the clock: an actor that spins comes to the end of it. */
#define PAUSE_NS 10000

ExploreWorld explore_world;

static __thread ExploreActor *me;

/* ------------------------------------------------------------------ the turn */

static void
give_turn (int *turn)
{
  __atomic_store_n (turn, 1, __ATOMIC_RELEASE);
  syscall (SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void
await_turn (int *turn)
{
  while (!__atomic_load_n (turn, __ATOMIC_ACQUIRE))
    syscall (SYS_futex, turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
  __atomic_store_n (turn, 0, __ATOMIC_RELAXED);
}

/* ----------------------------------------------------------- who may go next */

static gboolean
may_go (ExploreActor *actor)
{
  if (actor->state == EXPLORE_BLOCKED)
    return actor->ready (actor->data) ||
           (actor->deadline >= 0 && actor->deadline <= explore_world.now);
  return actor->state == EXPLORE_RUNNING && !actor->paused;
}

static int
list_options (int          *options,
              ExploreActor *self,
              gboolean      can_go_on)
{
  int n = 0;

  if (can_go_on)
    options[n++] = self->index;
  for (int i = 0; i < explore_world.n_actors; i++)
    if (!(can_go_on && i == self->index) && may_go (&explore_world.actors[i]))
      options[n++] = i;
  return n;
}

static gboolean
end_pauses (void)
{
  gboolean any = FALSE;

  for (int i = 0; i < explore_world.n_actors; i++)
    {
      any = any || explore_world.actors[i].paused;
      explore_world.actors[i].paused = FALSE;
    }
  return any;
}

/* To the time that somebody sleeps for. */
static gboolean
move_clock (void)
{
  gint64 next = G_MAXINT64;

  for (int i = 0; i < explore_world.n_actors; i++)
    {
      ExploreActor *actor = &explore_world.actors[i];

      if (actor->state == EXPLORE_BLOCKED && actor->deadline >= 0)
        next = MIN (next, actor->deadline);
    }
  if (next == G_MAXINT64)
    return FALSE;
  explore_world.now = MAX (explore_world.now, next);
  return TRUE;
}

static gboolean
all_done (void)
{
  for (int i = 0; i < explore_world.n_actors; i++)
    if (explore_world.actors[i].state != EXPLORE_DONE)
      return FALSE;
  return TRUE;
}

static G_GNUC_NORETURN void
fail_deadlock (void)
{
  GString *who = g_string_new (NULL);

  for (int i = 0; i < explore_world.n_actors; i++)
    {
      ExploreActor *actor = &explore_world.actors[i];

      if (actor->state == EXPLORE_BLOCKED)
        g_string_append_printf (who, "; %c in %s", 'A' + i, actor->site->func);
    }
  explore_fail ("nobody can go on: a wake-up was lost, or there is a deadlock%s", who->str);
}

/* Lets the schedule say who goes on, and comes back when that is @self again. */
static void
pass_turn (ExploreActor *self,
           gboolean      can_go_on,
           gboolean      is_point)
{
  int options[EXPLORE_MAX_ACTORS] = { -1 };
  int n;
  int chosen;

  if (++explore_world.step > EXPLORE_MAX_STEPS)
    explore_fail ("no end after %d steps", EXPLORE_MAX_STEPS);
  if (can_go_on && !is_point && !explore_chooses_everywhere ())
    return;
  while ((n = list_options (options, self, can_go_on)) == 0)
    if (all_done ())
      {
        give_turn (&explore_world.main_turn);
        return;
      }
    else if (!end_pauses () && !move_clock ())
      fail_deadlock ();
  chosen = explore_choose (explore_world.step, options, n, can_go_on);
  if (chosen != self->index)
    {
      give_turn (&explore_world.actors[chosen].turn);
      if (self->state == EXPLORE_DONE)
        return;
      await_turn (&self->turn);
    }
  self->state = EXPLORE_RUNNING;
}

int
explore_self (void)
{
  return me != NULL ? me->index : -1;
}

ExploreActor *
explore_actor_here (void)
{
  return me;
}

/* --------------------------------------------------------------------- hooks */

/* @changes: the order in which this and the accesses of others come matters. */
static void
before (ExploreSite         *site,
        const volatile void *address,
        gboolean             changes)
{
  ExploreActor *self = me;

  if (self == NULL)
    return;
  pass_turn (self, TRUE, explore_sites_note (site, address, self->index, changes));
  explore_check_alive (site, address);
}

void
explore_before (ExploreSite         *site,
                const volatile void *address)
{
  before (site, address, site->kind != EXPLORE_READ);
}

void
explore_after (ExploreSite         *site,
               const volatile void *address,
               guintptr             before,
               guintptr             now)
{
  ExploreActor *self = me;

  if (self == NULL)
    return;
  explore_trace_add (explore_world.step, self->index, site, address, before, now);
  if (before == now)
    return;
  for (int i = 0; i < explore_world.n_actors; i++)
    if (&explore_world.actors[i] != self)
      explore_world.actors[i].paused = FALSE;
  explore_watch_step (address, now);
  /* What was let go may be gone before the next atomic access, and there may be others
   * before that. */
  if (site->kind == EXPLORE_RELEASE || site->kind == EXPLORE_COMPARE_RELEASE)
    pass_turn (self, TRUE, explore_sites_note (site, address, self->index, TRUE));
}

int
explore_pause (void)
{
  static ExploreSite site = { "gco_cpu_relax", "", 0, EXPLORE_PAUSE, TRUE };
  ExploreActor      *self = me;

  if (self == NULL)
    return 0;
  explore_world.now += PAUSE_NS;
  self->paused = TRUE;
  explore_trace_add (explore_world.step, self->index, &site, NULL, 0, 0);
  pass_turn (self, FALSE, TRUE);
  self->paused = FALSE;
  return 0;
}

void
explore_block (ExploreSite  *site,
               gconstpointer address,
               gboolean (*ready) (gpointer data),
               gpointer data,
               gint64   deadline)
{
  ExploreActor *self = me;
  gboolean      shared = explore_sites_note (site, address, self->index, FALSE);

  explore_trace_add (explore_world.step, self->index, site, address, 0, 0);
  if (ready (data))
    {
      pass_turn (self, TRUE, shared);
      return;
    }
  self->state = EXPLORE_BLOCKED;
  self->ready = ready;
  self->data = data;
  self->deadline = deadline;
  self->site = site;
  pass_turn (self, FALSE, TRUE);
}

/* ---------------------------------------------------------- locks of GLib */

/* Of those that are held now; the real ones are not touched. */
static struct
{
  GMutex       *mutex;
  ExploreActor *holder;
} held[32];

static int
find_held (GMutex *mutex)
{
  for (guint i = 0; i < G_N_ELEMENTS (held); i++)
    if (held[i].mutex == mutex)
      return (int) i;
  return -1;
}

static gboolean
is_unlocked (gpointer mutex)
{
  return find_held (mutex) < 0;
}

void
explore_mutex_lock (ExploreSite *site,
                    GMutex      *mutex)
{
  ExploreActor *self = me;
  int           place;

  if (self == NULL)
    return;
  explore_before (site, mutex);
  while (!is_unlocked (mutex))
    explore_block (site, mutex, is_unlocked, mutex, -1);
  place = find_held (NULL);
  g_assert (place >= 0);
  held[place].mutex = mutex;
  held[place].holder = self;
  explore_after (site, mutex, 0, 1);
}

void
explore_mutex_unlock (ExploreSite *site,
                      GMutex      *mutex)
{
  int place;

  if (me == NULL)
    return;
  place = find_held (mutex);
  if (place < 0 || held[place].holder != me)
    explore_fail ("%s: unlocks a GMutex of another", site->func);
  held[place].mutex = NULL;
  explore_after (site, mutex, 1, 0);
}

/* Only the last reference that goes is for others to see. */
void
explore_unref (ExploreSite *site,
               gpointer     object)
{
  before (site, object, G_OBJECT (object)->ref_count == 1);
  if (me != NULL)
    explore_trace_add (explore_world.step, me->index, site, object, 0, 0);
  (g_object_unref) (object);
}

/* -------------------------------------------------------------------- clocks */

int
explore_clock_gettime (clockid_t        id,
                       struct timespec *now)
{
  now->tv_sec = explore_world.now / G_GINT64_CONSTANT (1000000000);
  now->tv_nsec = explore_world.now % G_GINT64_CONSTANT (1000000000);
  return 0;
}

guint
explore_n_processors (void)
{
  return explore_world.n_processors;
}

/* -------------------------------------------------------------------- actors */

void
explore_poll_all (void)
{
  while (me->n_left > 0)
    gco_aio_context_poll (me->ctx, TRUE);
}

/* A context is at home before its actor acts, which would be many steps otherwise that
 * are the same in all scenarios. */
static gpointer
live (gpointer data)
{
  ExploreActor *actor = data;

  for (;;)
    {
      await_turn (&actor->turn);
      gco_aio_context_poll (actor->ctx, FALSE);
      give_turn (&explore_world.main_turn);
      await_turn (&actor->turn);
      me = actor;
      actor->state = EXPLORE_RUNNING;
      actor->body ();
      actor->state = EXPLORE_DONE;
      pass_turn (actor, FALSE, TRUE);
      me = NULL;
      /* Once more when all have ended: to clean up, one after the other. */
      await_turn (&actor->turn);
      gco_aio_context_release_thread (actor->ctx);
      give_turn (&explore_world.main_turn);
    }
  return NULL;
}

static void
start_threads (int n_actors)
{
  for (int i = 0; i < n_actors; i++)
    {
      ExploreActor *actor = &explore_world.actors[i];

      if (actor->thread != NULL)
        continue;
      actor->index = i;
      actor->thread = g_thread_new ("actor", live, actor);
    }
}

static void
set_up (const ExploreScenario *scenario)
{
  static const char *const names[] = { "ctxA", "ctxB", "ctxC" };

  explore_world.n_actors = scenario->n_actors;
  explore_world.step = 0;
  explore_world.now = G_GINT64_CONSTANT (1000000000);
  explore_world.n_processors = scenario->spins ? 2 : 1;
  explore_forget_all ();
  explore_trace_reset ();
  explore_watch_reset ();
  start_threads (scenario->n_actors);
  for (int i = 0; i < scenario->n_actors; i++)
    {
      ExploreActor *actor = &explore_world.actors[i];

      actor->ctx = gco_aio_context_new ();
      explore_name_context (actor->ctx, names[i]);
      actor->body = scenario->bodies[i] != NULL ? scenario->bodies[i] : explore_poll_all;
      actor->n_left = 0;
      actor->paused = FALSE;
      actor->state = EXPLORE_RUNNING;
      give_turn (&actor->turn);
      await_turn (&explore_world.main_turn);
    }
  scenario->set_up ();
}

void
explore_run (const ExploreScenario *scenario)
{
  int options[EXPLORE_MAX_ACTORS];
  int first;

  set_up (scenario);
  for (int i = 0; i < scenario->n_actors; i++)
    options[i] = i;
  first = explore_choose (0, options, scenario->n_actors, FALSE);
  give_turn (&explore_world.actors[first].turn);
  await_turn (&explore_world.main_turn);

  for (int i = 0; i < scenario->n_actors; i++)
    {
      give_turn (&explore_world.actors[i].turn);
      await_turn (&explore_world.main_turn);
    }
  scenario->tear_down ();
  for (int i = 0; i < scenario->n_actors; i++)
    {
      if (G_OBJECT (explore_world.actors[i].ctx)->ref_count != 1)
        explore_fail ("the context of %c has %u references left",
                      'A' + i,
                      G_OBJECT (explore_world.actors[i].ctx)->ref_count - 1);
      (g_object_unref) (explore_world.actors[i].ctx);
    }
  explore_revive_pages ();
}
