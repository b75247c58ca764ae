/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits that would never end, found before they begin. */

#include "gco-waiter-private.h"

#include "gco-dump.h"
#include "gco-fatal-private.h"

/* Longer chains of waiters are not looked through. */
#define MAX_CHAIN 64

/* Who of context @home has to run before @waiter can, if nothing else ends that wait. */
static GcoCoroutine *
depends_on (GcoWaiter     *waiter,
            GcoAioContext *home)
{
  if (waiter == NULL || waiter->can_fail || waiter->klass->holder_in == NULL ||
      gco_load_acquire (waiter->state) != GCO_WAIT_WAITING)
    return NULL;
  return waiter->klass->holder_in (waiter, home);
}

static gboolean
joins_scope_of (GcoCoroutine *at,
                GcoCoroutine *self)
{
  GcoWaiter *waiter = at->waiter;

  return waiter != NULL && waiter->lock == self->cancelled && waiter->klass->is_join &&
         gco_load_acquire (waiter->state) == GCO_WAIT_WAITING;
}

/* Who, behind @at, cannot run before @self has: itself, or who joins its scope. Or NULL. */
static GcoCoroutine *
find_stuck (GcoCoroutine  *at,
            GcoCoroutine  *self,
            GcoAioContext *home)
{
  for (int n = 0; at != NULL && n < MAX_CHAIN; n++)
    {
      if (at == self || joins_scope_of (at, self))
        return at;
      at = depends_on (at->waiter, home);
    }
  return NULL;
}

void
gco_waiter_check_deadlock (GcoWaiter *waiter)
{
  GcoCoroutine *self = waiter->coroutine;
  GcoCoroutine *stuck = find_stuck (waiter->blocker, self, gco_coroutine_get_home (self));

  if (G_LIKELY (stuck == NULL))
    return;
  self->waiter = waiter;
  gco_dump (stderr);
  gco_fatal ("deadlock: coroutine %s would wait for %s %p without end, see above%s%s%s",
             gco_coroutine_describe (self),
             waiter->klass->what,
             waiter->lock,
             stuck != self ? ": coroutine " : "",
             stuck != self ? gco_coroutine_describe (stuck) : "",
             stuck != self ? " waits for the end of its scope" : "");
}

/* Whether @home is of this thread, and neither what runs @waiter nor the loop of
 * gco_run_sync() runs it. */
static gboolean
is_blocked (GcoAioContext *home,
            GcoWaiter     *waiter,
            GcoThread     *thread)
{
  GcoAioContext *sync = thread->extra->sync;
  g_autoptr (GMainContext) running = NULL;
  g_autoptr (GMainContext) attached_to = NULL;

  if (home == sync || home == gco_coroutine_get_home (waiter->coroutine) ||
      !gco_aio_context_is_home (home, thread))
    return FALSE;
  running = gco_aio_context_dup_main_context (sync);
  attached_to = gco_aio_context_dup_main_context (home);
  return attached_to != running;
}

static void
check_can_run (GcoWaiter    *waiter,
               GcoCoroutine *other,
               GcoThread    *thread)
{
  g_autoptr (GcoAioContext) home = NULL;

  if (other != NULL)
    home = gco_coroutine_dup_home (other);
  if (home != NULL && is_blocked (home, waiter, thread))
    gco_fatal ("gco_run_sync: coroutine %s would wait for %s after coroutine %s, which"
               " cannot go on: its context is blocked until gco_run_sync() returns",
               gco_coroutine_describe (waiter->coroutine),
               waiter->klass->what,
               gco_coroutine_describe (other));
}

void
gco_waiter_check_holder (GcoWaiter   *waiter,
                         guintptr     holder,
                         GcoWaitList *list)
{
  GcoThread *thread = gco_thread_here ();

  if (waiter->coroutine == NULL || waiter->limited)
    return;
  waiter->blocker = gco_holder_of_context (holder, gco_coroutine_get_home (waiter->coroutine));
  if (waiter->blocker != NULL && waiter->blocker->waiter == NULL)
    waiter->blocker = NULL;
  if (G_LIKELY (thread->extra->sync == NULL))
    return;
  check_can_run (waiter, gco_holder_coroutine (holder), thread);
  for (GcoWaiter *ahead = list->head; ahead != NULL; ahead = ahead->next)
    check_can_run (waiter, ahead->coroutine, thread);
}
