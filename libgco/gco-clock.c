/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What timers go by: the two clocks of the system, and one that tests turn. */

#include "gco-clock-private.h"

#include <time.h>

#include "gco-aio-context-private.h"

/**
 * GcoClock:
 *
 * A clock that timers and sleeps go by, in nanoseconds. Where one is asked for,
 * NULL stands for the monotonic clock.
 *
 * Since: 1.0
 */
struct _GcoClock
{
  GObject parent_instance;

  GcoClockKind kind; /* (immutable) */

  GMutex     lock;
  gint64     now;      /* (lock) of a manual clock */
  GPtrArray *contexts; /* (lock) borrowed: each removes itself */
};

G_DEFINE_FINAL_TYPE (GcoClock, gco_clock, G_TYPE_OBJECT)

static void
gco_clock_finalize (GObject *object)
{
  GcoClock *self = GCO_CLOCK (object);

  g_ptr_array_unref (self->contexts);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gco_clock_parent_class)->finalize (object);
}

static void
gco_clock_class_init (GcoClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gco_clock_finalize;
}

static void
gco_clock_init (GcoClock *self)
{
  g_mutex_init (&self->lock);
  self->contexts = g_ptr_array_new ();
}

static GcoClock *
get_singleton (GcoClock   **place,
               GcoClockKind kind)
{
  if (g_once_init_enter (place))
    {
      GcoClock *clock = g_object_new (GCO_TYPE_CLOCK, NULL);

      clock->kind = kind;
      g_once_init_leave (place, clock);
    }
  return *place;
}

/**
 * gco_clock_get_monotonic:
 *
 * The clock that never jumps. It stands still while the machine sleeps. Any
 * thread.
 *
 * Returns: (transfer none): the monotonic clock
 *
 * Since: 1.0
 */
GcoClock *
gco_clock_get_monotonic (void)
{
  static GcoClock *clock;

  return get_singleton (&clock, GCO_CLOCK_MONOTONIC);
}

/**
 * gco_clock_get_realtime:
 *
 * The clock on the wall, in ns since 1970. When it is set, timers on it may
 * notice up to a second late. Any thread.
 *
 * Returns: (transfer none): the realtime clock
 *
 * Since: 1.0
 */
GcoClock *
gco_clock_get_realtime (void)
{
  static GcoClock *clock;

  return get_singleton (&clock, GCO_CLOCK_REALTIME);
}

/**
 * gco_clock_new_manual:
 *
 * Makes a clock that stands at 0 until [method@Gco.Clock.advance] moves it, for
 * tests that must not wait. Any thread.
 *
 * Returns: (transfer full): a clock
 *
 * Since: 1.0
 */
GcoClock *
gco_clock_new_manual (void)
{
  GcoClock *clock = g_object_new (GCO_TYPE_CLOCK, NULL);

  clock->kind = GCO_CLOCK_MANUAL;
  return clock;
}

/**
 * gco_clock_advance:
 * @clock: a manual clock
 * @ns: by how many nanoseconds, not negative
 *
 * Moves @clock on. The timers that are due by then run in the next dispatch of
 * their contexts, not in here. Any thread.
 *
 * Since: 1.0
 */
void
gco_clock_advance (GcoClock *clock,
                   gint64    ns)
{
  g_return_if_fail (GCO_IS_CLOCK (clock));
  g_return_if_fail (clock->kind == GCO_CLOCK_MANUAL);
  g_return_if_fail (ns >= 0);

  g_mutex_lock (&clock->lock);
  clock->now = ns > G_MAXINT64 - clock->now ? G_MAXINT64 : clock->now + ns;
  for (guint i = 0; i < clock->contexts->len; i++)
    gco_notify (g_ptr_array_index (clock->contexts, i));
  g_mutex_unlock (&clock->lock);
}

static gint64
system_time_ns (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

gint64
gco_monotonic_ns (void)
{
  return system_time_ns (CLOCK_MONOTONIC);
}

/**
 * gco_clock_get_time_ns:
 * @clock: (nullable): a clock, or NULL for the monotonic one
 *
 * Any thread.
 *
 * Returns: the time, in nanoseconds
 *
 * Since: 1.0
 */
gint64
gco_clock_get_time_ns (GcoClock *clock)
{
  gint64 now;

  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), 0);

  if (clock == NULL || clock->kind == GCO_CLOCK_MONOTONIC)
    return gco_monotonic_ns ();
  if (clock->kind == GCO_CLOCK_REALTIME)
    return system_time_ns (CLOCK_REALTIME);
  g_mutex_lock (&clock->lock);
  now = clock->now;
  g_mutex_unlock (&clock->lock);
  return now;
}

GcoClockKind
gco_clock_get_kind (GcoClock *clock)
{
  return clock->kind;
}

void
gco_clock_add_context (GcoClock      *clock,
                       GcoAioContext *ctx)
{
  if (clock->kind != GCO_CLOCK_MANUAL)
    return;
  g_mutex_lock (&clock->lock);
  g_ptr_array_add (clock->contexts, ctx);
  g_mutex_unlock (&clock->lock);
}

void
gco_clock_remove_context (GcoClock      *clock,
                          GcoAioContext *ctx)
{
  g_mutex_lock (&clock->lock);
  g_ptr_array_remove_fast (clock->contexts, ctx);
  g_mutex_unlock (&clock->lock);
}
