/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Actors are threads, so that thread-locals and stacks are the real ones; the turn is
 * passed from one to the next, and all but one sleep. What has no turn (the main thread,
 * before and after) goes through the hooks without being seen.
 */

#include "explore-scheduler.h"

#include "explore-past.h"
#include "gco-aio-context-private.h"

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

/* Where an actor is when others may go. */
typedef enum
{
  BEFORE, /* an access */
  AFTER,
  ASLEEP,
  PAUSED,
} Stand;

/* Lets the schedule say who goes on, and comes back when that is @self again. */
static void
pass_turn (ExploreActor      *self,
           const ExploreSite *site,
           Stand              stand,
           gboolean           is_point)
{
  gboolean can_go_on = stand == BEFORE || stand == AFTER;
  int      options[EXPLORE_MAX_ACTORS] = { -1 };
  int      n;
  int      chosen;

  if (++explore_world.step > EXPLORE_MAX_STEPS)
    explore_fail ("no end after %d steps", EXPLORE_MAX_STEPS);
  if (can_go_on && !is_point && !explore_chooses_everywhere ())
    return;
  self->stand = (guintptr) site * 4 + stand;
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
      /* Once it is given away, the next run may have begun. */
      gboolean done = self->state == EXPLORE_DONE;

      give_turn (&explore_world.actors[chosen].turn);
      if (done)
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
  pass_turn (self, site, BEFORE, explore_sites_note (site, address, self->index, changes));
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
  explore_past_add (address, before != now);
  if (before == now)
    return;
  for (int i = 0; i < explore_world.n_actors; i++)
    if (&explore_world.actors[i] != self)
      explore_world.actors[i].paused = FALSE;
  explore_watch_step (address, now);
  /* What was let go may be gone before the next atomic access, and there may be others
   * before that. */
  if (site->kind == EXPLORE_RELEASE || site->kind == EXPLORE_COMPARE_RELEASE)
    pass_turn (self, site, AFTER, explore_sites_note (site, address, self->index, TRUE));
}

int
explore_pause (void)
{
  static ExploreSite site = { "gco_cpu_relax", "", 0, EXPLORE_PAUSE, TRUE };
  ExploreActor      *self = me;

  if (self == NULL)
    return 0;
  explore_world.now += PAUSE_NS;
  explore_past_add (&explore_world.now, TRUE);
  explore_past_pause ();
  self->paused = TRUE;
  explore_trace_add (explore_world.step, self->index, &site, NULL, 0, 0);
  pass_turn (self, &site, PAUSED, TRUE);
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
  explore_past_add (&explore_world.now, FALSE);
  if (ready (data))
    {
      pass_turn (self, site, BEFORE, shared);
      return;
    }
  explore_past_look (address);
  self->state = EXPLORE_BLOCKED;
  self->ready = ready;
  self->data = data;
  self->deadline = deadline;
  self->site = site;
  pass_turn (self, site, ASLEEP, TRUE);
  explore_past_add (address, TRUE);
  explore_past_add (&explore_world.now, FALSE);
}

/* Only the last reference that goes is for others to see. */
void
explore_unref (ExploreSite *site,
               gpointer     object)
{
  before (site, object, G_OBJECT (object)->ref_count == 1);
  explore_past_add (object, G_OBJECT (object)->ref_count == 1);
  if (me != NULL)
    explore_trace_add (explore_world.step, me->index, site, object, 0, 0);
  (g_object_unref) (object);
}

/* -------------------------------------------------------------------- clocks */

int
explore_clock_gettime (clockid_t        id,
                       struct timespec *now)
{
  explore_past_add (&explore_world.now, FALSE);
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
explore_iterate (gboolean may_block)
{
  if (me->main_context != NULL)
    g_main_context_iteration (me->main_context, may_block);
  else
    gco_aio_context_poll (me->ctx, may_block);
}

void
explore_iterate_all (void)
{
  while (!explore_has_ended (me->index))
    explore_iterate (TRUE);
}

static gpointer
live (gpointer data)
{
  ExploreActor *actor = data;

  actor->home = gco_thread_get ();
  gco_thread_ensure (actor->home);
  for (give_turn (&explore_world.main_turn);;)
    {
      await_turn (&actor->turn);
      me = actor;
      actor->state = EXPLORE_RUNNING;
      if (actor->main_context != NULL)
        g_main_context_push_thread_default (actor->main_context);
      actor->body ();
      if (actor->main_context != NULL)
        g_main_context_pop_thread_default (actor->main_context);
      actor->state = EXPLORE_DONE;
      pass_turn (actor, NULL, ASLEEP, TRUE);
      me = NULL;
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
      await_turn (&explore_world.main_turn);
    }
}

static void
make_context (ExploreActor *actor,
              gboolean      is_main)
{
  actor->main_context = NULL;
  if (!is_main)
    {
      actor->ctx = gco_aio_context_new ();
      return;
    }
  actor->main_context = explore_new_main_context ();
  actor->ctx = gco_aio_context_dup_for_main_context (actor->main_context);
}

static void
free_context (ExploreActor *actor)
{
  while (actor->main_context != NULL && g_main_context_iteration (actor->main_context, FALSE))
    ;
  gco_aio_context_poll (actor->ctx, FALSE);
  gco_aio_context_release_thread (actor->ctx);
  g_clear_pointer (&actor->main_context, g_main_context_unref);
  if (G_OBJECT (actor->ctx)->ref_count != 1)
    explore_fail ("the context of %c has %u references left",
                  'A' + actor->index,
                  G_OBJECT (actor->ctx)->ref_count - 1);
  (g_object_unref) (actor->ctx);
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

      make_context (actor, (scenario->main & (1u << i)) != 0);
      explore_name_context (actor->ctx, names[i]);
      actor->body = scenario->bodies[i] != NULL ? scenario->bodies[i] : explore_iterate_all;
      actor->n_left = 0;
      actor->paused = FALSE;
      actor->stand = 0;
      actor->emits = NULL;
      actor->state = EXPLORE_RUNNING;
      /* In the actor they would be many steps that are the same in all scenarios, and to
       * give it its turn for them takes longer than a run. */
      gco_store_relaxed (&actor->ctx->home, actor->home);
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
      gco_notify_end_sleep (explore_world.actors[i].ctx);
      gco_store_relaxed (&explore_world.actors[i].ctx->home, NULL);
    }
  scenario->tear_down ();
  for (int i = 0; i < scenario->n_actors; i++)
    free_context (&explore_world.actors[i]);
  explore_revive_pages ();
}
