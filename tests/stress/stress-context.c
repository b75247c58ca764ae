/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A context that lives as long as one coroutine, which another thread wakes: when that
 * wake is seen the coroutine ends, and the context may go while the waker is still on
 * its way out. -m slow: 200,000 times.
 */

#include "gco-test.h"

#define ROUNDS 10000

typedef struct
{
  GcoCoroutine *sleeper; /* (atomic) who is to be woken */
  gboolean      over;    /* (atomic) nobody comes any more */
  gboolean      ended;   /* (home thread) */
  int           n_gone;  /* (atomic) contexts */
  int           n_gone_with_waker;
} Meeting;

static void
sleep_once (gpointer user_data)
{
  Meeting *meeting = user_data;

  g_atomic_pointer_set (&meeting->sleeper, gco_coroutine_self ());
  gco_coroutine_yield ();
  meeting->ended = TRUE;
}

static gpointer
wake_all (gpointer user_data)
{
  Meeting *meeting = user_data;

  while (!g_atomic_int_get (&meeting->over))
    {
      GcoCoroutine *sleeper = g_atomic_pointer_get (&meeting->sleeper);

      if (sleeper == NULL)
        {
          g_thread_yield ();
          continue;
        }
      g_atomic_pointer_set (&meeting->sleeper, NULL);
      gco_coroutine_wake (sleeper);
    }
  return NULL;
}

typedef struct
{
  Meeting *meeting;
  GThread *home;
} Farewell;

static void
note_gone (gpointer data,
           GObject *where)
{
  Farewell *farewell = data;

  g_atomic_int_inc (&farewell->meeting->n_gone);
  if (g_thread_self () != farewell->home)
    g_atomic_int_inc (&farewell->meeting->n_gone_with_waker);
}

static void
meet (Meeting  *meeting,
      Farewell *farewell)
{
  GcoAioContext *ctx = gco_aio_context_new ();

  g_object_weak_ref (G_OBJECT (ctx), note_gone, farewell);
  meeting->ended = FALSE;
  g_assert_nonnull (gco_spawn (ctx, sleep_once, meeting, NULL));
  while (!meeting->ended)
    gco_aio_context_poll (ctx, TRUE);
  g_object_unref (ctx);
}

static void
test_context (void)
{
  int      rounds = (int) gco_test_scale (g_test_slow () ? 20 * ROUNDS : ROUNDS);
  Meeting  meeting = { .over = FALSE };
  Farewell farewell = { &meeting, g_thread_self () };
  GThread *waker = g_thread_new ("waker", wake_all, &meeting);

  for (int i = 0; i < rounds; i++)
    meet (&meeting, &farewell);
  g_atomic_int_set (&meeting.over, TRUE);
  g_thread_join (waker);
  g_test_message ("%d contexts, %d of them freed by the waker", rounds, meeting.n_gone_with_waker);
  g_assert_cmpint (meeting.n_gone, ==, rounds);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/context", test_context);
  return g_test_run ();
}
