/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whoever may suspend says so, and the bodies of coroutines are theirs. */
#include <gco.h>

typedef void gco_coroutine_fn (*Pause) (void);

struct pauses
{
  Pause first;
  void gco_coroutine_fn (*second) (void);
};

gboolean gco_coroutine_fn work (GCancellable *cancellable,
                                gpointer      data,
                                GError      **error);

static void gco_coroutine_fn
nap (void)
{
  gco_sleep_ns (NULL, 1);
}

/* The declaration's marker is enough. */
gboolean
work (GCancellable *cancellable,
      gpointer      data,
      GError      **error)
{
  struct pauses pauses = { nap, .second = nap };
  Pause         pause = pauses.first;

  nap ();
  pause ();
  pauses.second ();
  return TRUE;
}

static void gco_coroutine_fn
body (gpointer data)
{
  work (NULL, data, NULL);
}

static void gco_coroutine_fn export(GTask        *task,
                                    gpointer      source,
                                    gpointer      task_data,
                                    GCancellable *cancellable)
{
  nap ();
}

static void
plain (gpointer data)
{
}

/* QEMU's word for what looks where it is. */
static void __attribute__ ((annotate ("coroutine_mixed_fn")))
either (void)
{
  if (gco_in_coroutine ())
    nap ();
}

static void
start (GTask *task)
{
  GcoCoroutineFunc later = body;

  gco_coroutine_create (body, NULL);
  gco_coroutine_create (later, NULL);
  gco_spawn (NULL, body, NULL, NULL);
  gco_task_run (task, export);
  gco_run (work, NULL, NULL, NULL);
  gco_spawn (NULL, plain, NULL, NULL);
  either ();
  g_assert_true (later == body);
  later = (GcoCoroutineFunc) body;
  (void) nap;
}
