/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  GcoTestFunc func;
  void (*plain) (void);
  const char *pattern; /* NULL: it is not to abort */
  gboolean    through_source;
} Scenario;

void
gco_test_init (int    *argc,
               char ***argv)
{
  g_test_init (argc, argv, NULL);
  if (g_test_subprocess ())
    setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* --------------------------------------------------------------- scenarios */

static void
set_up (GcoTest *t,
        gboolean through_source)
{
  *t = (GcoTest){ .ctx = gco_aio_context_new (), .log = g_string_new (NULL) };
  if (!through_source)
    return;
  t->main_context = g_main_context_new ();
  g_main_context_push_thread_default (t->main_context);
  t->source = gco_aio_context_dup_source (t->ctx);
  g_source_attach (t->source, t->main_context);
}

/* A thread of a pool that has woken a coroutine may not have let go of its context
 * yet. */
static void
wait_for_wakers (GcoAioContext *ctx)
{
  gint64 end = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;

  while (g_atomic_int_get (&G_OBJECT (ctx)->ref_count) > 1 && g_get_monotonic_time () < end)
    g_thread_yield ();
}

static void
tear_down (GcoTest *t)
{
  gco_test_drain (t);
  if (t->main_context != NULL)
    {
      g_source_destroy (t->source);
      g_source_unref (t->source);
      g_main_context_pop_thread_default (t->main_context);
      g_main_context_unref (t->main_context);
    }
  if (t->abandons)
    g_object_unref (t->ctx);
  else
    {
      wait_for_wakers (t->ctx);
      g_assert_finalize_object (t->ctx);
    }
  g_string_free (t->log, TRUE);
}

static void
run_here (const Scenario *scenario)
{
  GcoTest t;

  if (scenario->plain != NULL)
    {
      scenario->plain ();
      return;
    }
  set_up (&t, scenario->through_source);
  scenario->func (&t);
  tear_down (&t);
}

static void
run_scenario (gconstpointer data)
{
  const Scenario *scenario = data;

  if (scenario->pattern == NULL || g_test_subprocess ())
    {
      run_here (scenario);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr (scenario->pattern);
}

static void
add (const char     *path,
     const char     *door,
     const Scenario *scenario)
{
  char *full_path = g_strconcat (path, door, NULL);

  g_test_add_data_func_full (full_path,
                             g_memdup2 (scenario, sizeof *scenario),
                             run_scenario,
                             g_free);
  g_free (full_path);
}

void
gco_test_add_source (const char *path,
                     GcoTestFunc func)
{
  add (path, "/source", &(Scenario){ .func = func, .through_source = TRUE });
}

void
gco_test_add_poll (const char *path,
                   GcoTestFunc func)
{
  add (path, "/poll", &(Scenario){ .func = func });
}

void
gco_test_add (const char *path,
              GcoTestFunc func)
{
  gco_test_add_source (path, func);
  gco_test_add_poll (path, func);
}

void
gco_test_add_abort (const char *path,
                    GcoTestFunc func,
                    const char *pattern)
{
  Scenario scenario = { .func = func, .pattern = pattern };

  add (path, "/poll", &scenario);
  scenario.through_source = TRUE;
  add (path, "/source", &scenario);
}

void
gco_test_add_abort_plain (const char *path,
                          void (*func) (void),
                          const char *pattern)
{
  add (path, "", &(Scenario){ .plain = func, .pattern = pattern });
}

/* ---------------------------------------------------------------- iterating */

static gboolean
iterate (GcoTest *t,
         gboolean may_block)
{
  return t->main_context != NULL
             ? g_main_context_iteration (t->main_context, may_block)
             : gco_aio_context_poll (t->ctx, may_block);
}

gboolean
gco_test_iterate (GcoTest *t)
{
  /* A source that was busy for long may sit out one iteration. */
  return iterate (t, FALSE) || (t->main_context != NULL && iterate (t, FALSE));
}

void
gco_test_iterate_blocking (GcoTest *t)
{
  if (!iterate (t, TRUE) && t->main_context != NULL)
    iterate (t, FALSE);
}

void
gco_test_drain (GcoTest *t)
{
  while (gco_test_iterate (t))
    ;
}

void
gco_test_run_until (GcoTest        *t,
                    const gboolean *flag)
{
  while (!g_atomic_int_get (flag))
    iterate (t, TRUE);
}

/* --------------------------------------------------------------- coroutines */

GcoCoroutine *
gco_test_spawn (GcoTest         *t,
                GcoCoroutineFunc func,
                gpointer         user_data)
{
  GcoCoroutine *coroutine = gco_spawn (t->ctx, func, user_data, NULL);

  g_assert_nonnull (coroutine);
  return coroutine;
}

typedef struct
{
  GcoCoroutineFunc func;
  gpointer         user_data;
  gboolean         ended;
} Body;

static void
run_body (gpointer user_data)
{
  Body *body = user_data;

  body->func (body->user_data);
  body->ended = TRUE;
}

void
gco_test_run (GcoTest         *t,
              GcoCoroutineFunc func,
              gpointer         user_data)
{
  Body body = { func, user_data, FALSE };

  gco_test_spawn (t, run_body, &body);
  gco_test_run_until (t, &body.ended);
}

void
gco_test_pass (void)
{
  gco_coroutine_schedule (gco_coroutine_self (), NULL);
  gco_coroutine_yield ();
}

guint
gco_test_scale (guint n)
{
  const char *divisor = g_getenv ("GCO_TEST_DIVISOR");

  return divisor != NULL ? MAX (n / (guint) atoi (divisor), 1) : n;
}

guint
gco_test_crowd (guint n,
                gsize size)
{
  return (guint) MIN (gco_test_scale (n), G_MAXSIZE / 4 / size);
}

void
gco_test_log (GcoTest    *t,
              const char *format,
              ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (t->log, format, args);
  va_end (args);
}

/* ------------------------------------------------------------------ threads */

struct _GcoTestThread
{
  GThread       *thread;
  GcoAioContext *ctx;
  GMainContext  *main_context; /* NULL through poll */
  gboolean       stop;         /* (thread) */

  GMutex   lock;
  GCond    cond;
  gboolean called; /* (lock) */
  GcoFunc  func;
  gpointer user_data;
};

static gpointer
thread_main (gpointer data)
{
  GcoTestThread *self = data;
  GSource       *source = NULL;

  if (self->main_context != NULL)
    {
      g_main_context_push_thread_default (self->main_context);
      source = gco_aio_context_dup_source (self->ctx);
      g_source_attach (source, self->main_context);
    }
  while (!self->stop)
    {
      if (source != NULL)
        g_main_context_iteration (self->main_context, TRUE);
      else
        gco_aio_context_poll (self->ctx, TRUE);
    }
  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
      g_main_context_pop_thread_default (self->main_context);
    }
  gco_aio_context_release_thread (self->ctx);
  return NULL;
}

GcoTestThread *
gco_test_thread_new (GcoTest *t)
{
  GcoTestThread *self = g_new0 (GcoTestThread, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->ctx = gco_aio_context_new ();
  if (t != NULL && t->main_context != NULL)
    self->main_context = g_main_context_new ();
  self->thread = g_thread_new ("gco-test", thread_main, self);
  return self;
}

GcoAioContext *
gco_test_thread_get_context (GcoTestThread *self)
{
  return self->ctx;
}

GThread *
gco_test_thread_get_thread (GcoTestThread *self)
{
  return self->thread;
}

static void
answer_call (gpointer data)
{
  GcoTestThread *self = data;

  self->func (self->user_data);
  g_mutex_lock (&self->lock);
  self->called = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
gco_test_thread_call (GcoTestThread *self,
                      GcoFunc        func,
                      gpointer       user_data)
{
  self->func = func;
  self->user_data = user_data;
  self->called = FALSE;
  gco_aio_context_schedule_oneshot (self->ctx, answer_call, self, NULL);
  g_mutex_lock (&self->lock);
  while (!self->called)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
stop (gpointer data)
{
  GcoTestThread *self = data;

  self->stop = TRUE;
}

void
gco_test_thread_stop (GcoTestThread *self)
{
  gco_aio_context_schedule_oneshot (self->ctx, stop, self, NULL);
  g_thread_join (self->thread);
  g_object_unref (self->ctx);
  g_clear_pointer (&self->main_context, g_main_context_unref);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}
