/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines, names, what is dead, and how a run fails. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "explore-scheduler.h"
#include "gco-aio-context-private.h"

#define MAX_NAMES 64

typedef struct
{
  gconstpointer start;
  gsize         size;
  const char   *name;
} Name;

typedef struct
{
  GcoCoroutine    *coroutine;
  GcoCoroutineFunc func;
  gpointer         user_data;
  ExploreActor    *actor;
} Task;

static Name  names[MAX_NAMES];
static guint n_names;
static Name  dead[8];
static guint n_dead;
static Task  tasks[16];
static guint n_tasks;

/* --------------------------------------------------------------------- names */

void
explore_forget_names (void)
{
  n_names = 0;
  n_tasks = 0;
}

void
explore_name (gconstpointer start,
              gsize         size,
              const char   *name)
{
  for (guint i = 0; i < n_names; i++)
    if (names[i].start == start)
      {
        names[i] = (Name){ start, size, name };
        return;
      }
  if (n_names < MAX_NAMES)
    names[n_names++] = (Name){ start, size, name };
}

void
explore_name_context (GcoAioContext *ctx,
                      const char    *name)
{
  explore_name (ctx, sizeof *ctx, name);
  explore_name (ctx->poller, 1, name);
}

const char *
explore_name_at (gconstpointer  address,
                 gconstpointer *start)
{
  for (guint i = 0; i < n_names; i++)
    if ((gsize) ((const char *) address - (const char *) names[i].start) < names[i].size)
      {
        *start = names[i].start;
        return names[i].name;
      }
  return NULL;
}

const char *
explore_task_name (void)
{
  GcoCoroutine *self = gco_coroutine_self ();
  gconstpointer start;

  return self != NULL ? explore_name_at (self, &start) : NULL;
}

/* ---------------------------------------------------------------------- dead */

void
explore_kill (gpointer start,
              gsize    size)
{
  explore_note ("frees it");
  g_assert (n_dead < G_N_ELEMENTS (dead));
  dead[n_dead++] = (Name){ start, size, NULL };
}

void
explore_check_alive (ExploreSite         *site,
                     const volatile void *address)
{
  for (guint i = 0; i < n_dead; i++)
    if ((gsize) ((const volatile char *) address - (const char *) dead[i].start) <
        dead[i].size)
      explore_fail ("%s: touches %s in memory that was freed", site->func, site->name);
}

void
explore_free_dead (void)
{
  n_dead = 0;
}

/* ---------------------------------------------------------------- coroutines */

GcoAioContext *
explore_context (int actor)
{
  return explore_world.actors[actor].ctx;
}

gboolean
explore_has_ended (int actor)
{
  return explore_world.actors[actor].n_left == 0;
}

static void
run_task (gpointer data)
{
  Task         *task = data;
  ExploreActor *actor = task->actor;

  task->func (task->user_data);
  /* It may have moved; then the loop at home must look whether that was the last. */
  if (--actor->n_left == 0 && explore_self () != actor->index)
    gco_aio_context_notify (actor->ctx);
}

GcoCoroutine *
explore_spawn (int              actor,
               const char      *name,
               GcoCoroutineFunc func,
               gpointer         user_data)
{
  Task *task = &tasks[n_tasks++];

  g_assert (n_tasks <= G_N_ELEMENTS (tasks));
  *task = (Task){ NULL, func, user_data, &explore_world.actors[actor] };
  task->actor->n_left++;
  task->coroutine = gco_coroutine_create (run_task, task);
  explore_name (task->coroutine, sizeof (GcoCoroutine), name);
  gco_coroutine_schedule (task->coroutine, task->actor->ctx);
  return task->coroutine;
}

/* ------------------------------------------------------------------ messages */

void
explore_note (const char *format,
              ...)
{
  va_list args;

  if (explore_self () < 0)
    return;
  va_start (args, format);
  explore_trace_note (explore_world.step,
                      explore_self (),
                      g_strdup_vprintf (format, args));
  va_end (args);
}

void
explore_fail (const char *format,
              ...)
{
  char    text[512];
  va_list args;

  va_start (args, format);
  g_vsnprintf (text, sizeof text, format, args);
  va_end (args);
  explore_report_failure (text);
}
