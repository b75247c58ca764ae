/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines, names, memory that is freed, and how a run fails. */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "explore-past.h"
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
static guint n_namings;
static Task  tasks[16];
static guint n_tasks;

/* --------------------------------------------------------------------- names */

static guint n_steps_done;

void
explore_forget_all (void)
{
  explore_forget_fds ();
  n_names = 0;
  n_namings++;
  n_tasks = 0;
  n_steps_done = 0;
}

void
explore_name (gconstpointer start,
              gsize         size,
              const char   *name)
{
  n_namings++;
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

guint
explore_count_namings (void)
{
  return n_namings;
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
  static GcoCoroutine *last;
  static const char   *name;
  static guint         when;
  GcoCoroutine        *self = gco_coroutine_self ();
  gconstpointer        start;

  if (self == NULL)
    return NULL;
  if (self != last || when != n_namings)
    name = explore_name_at (self, &start);
  last = self;
  when = n_namings;
  return name;
}

/* ---------------------------------------------------------------------- dead */

static Name  dead[4];
static guint n_dead;

static GcoAioContext *mortal;

GcoAioContext *
explore_new_context (const char *name)
{
  mortal = gco_aio_context_new ();
  explore_name_context (mortal, name);
  return mortal;
}

void
explore_note_gone (GcoPoller *poller)
{
  if (mortal == NULL || mortal->poller != poller)
    return;
  explore_note ("the last reference goes");
  explore_past_bar ();
  g_assert (n_dead < G_N_ELEMENTS (dead));
  dead[n_dead++] = (Name){ mortal, sizeof (GcoAioContext), NULL };
  mortal = NULL;
}

void
explore_check_alive (ExploreSite         *site,
                     const volatile void *address)
{
  for (guint i = 0; i < n_dead; i++)
    if ((gsize) ((const volatile char *) address - (const char *) dead[i].start) <
        dead[i].size)
      explore_fail ("%s: touches %s of a context that is gone", site->func, site->name);
}

static struct
{
  gpointer page;
  gboolean dead;
} pages[2];
static guint n_pages;

gpointer
explore_new_page (void)
{
  gsize    size = (gsize) sysconf (_SC_PAGESIZE);
  gpointer page;

  g_assert (n_pages < G_N_ELEMENTS (pages));
  if (pages[n_pages].page == NULL)
    pages[n_pages].page = mmap (NULL,
                                size,
                                PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS,
                                -1,
                                0);
  page = pages[n_pages++].page;
  memset (page, 0, size);
  return page;
}

void
explore_kill_page (gpointer page)
{
  explore_note ("frees it");
  explore_past_bar ();
  for (guint i = 0; i < n_pages; i++)
    if (pages[i].page == page)
      pages[i].dead = mprotect (page, (gsize) sysconf (_SC_PAGESIZE), PROT_NONE) == 0;
}

void
explore_revive_pages (void)
{
  for (guint i = 0; i < n_pages; i++)
    {
      if (pages[i].dead)
        mprotect (pages[i].page, (gsize) sysconf (_SC_PAGESIZE), PROT_READ | PROT_WRITE);
      pages[i].dead = FALSE;
    }
  n_pages = 0;
  n_dead = 0;
}

/* ---------------------------------------------------------------- coroutines */

GcoAioContext *
explore_context (int actor)
{
  return explore_world.actors[actor].ctx;
}

GMainContext *
explore_main_context (int actor)
{
  return explore_world.actors[actor].main_context;
}

gboolean
explore_has_ended (int actor)
{
  explore_past_add (&explore_world.actors[actor].n_left, FALSE);
  return explore_world.actors[actor].n_left == 0;
}

static void
run_task (gpointer data)
{
  Task         *task = data;
  ExploreActor *actor = task->actor;

  task->func (task->user_data);
  explore_past_add (&actor->n_left, TRUE);
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
  explore_past_add (&task->actor->n_left, TRUE);
  task->coroutine = gco_coroutine_create (run_task, task);
  explore_name (task->coroutine, sizeof (GcoCoroutine), name);
  gco_coroutine_schedule (task->coroutine, task->actor->ctx);
  return task->coroutine;
}

/* Those of the scenario, in its order: which stacks they got differs from run to run. */
void
explore_stack_foreach (GcoStackFunc func,
                       gpointer     user_data)
{
  for (guint i = 0; i < n_tasks; i++)
    func ((GcoStack *) tasks[i].coroutine, user_data);
}

/* ---------------------------------------------------------------- one by one */

static gboolean
is_done (gpointer step)
{
  return n_steps_done >= GPOINTER_TO_UINT (step);
}

void
explore_await_step (guint step)
{
  static ExploreSite site = { "explore_await_step", "step", 0, EXPLORE_SLEEP, FALSE };

  explore_past_add (&n_steps_done, FALSE);
  while (!is_done (GUINT_TO_POINTER (step)))
    explore_block (&site, &n_steps_done, is_done, GUINT_TO_POINTER (step), -1);
}

void
explore_end_step (void)
{
  n_steps_done++;
  explore_past_add (&n_steps_done, TRUE);
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
