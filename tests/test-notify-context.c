/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A waker that is held up between the push and the notify: the coroutine runs, ends and
 * lets go of the context meanwhile, and that is still there. Linked with the library's
 * gco_notify() wrapped. */

#include "gco-test.h"

#include "gco-aio-context-private.h"

typedef struct
{
  GcoCoroutine *sleeper;
  GThread      *waker;   /* (atomic) once it is about to wake */
  gboolean      is_home; /* (atomic) the home thread may go on */
  gboolean      ended;   /* (home thread) */
  gboolean      let_go;  /* (atomic) of the context, by its home thread */
  gboolean      gone;    /* (atomic) the context */
  gboolean      was_gone;
} Meeting;

static Meeting meeting;

void __real_gco_notify (GcoAioContext *ctx);
void __wrap_gco_notify (GcoAioContext *ctx);

void
__wrap_gco_notify (GcoAioContext *ctx)
{
  if (g_thread_self () == g_atomic_pointer_get (&meeting.waker))
    {
      g_atomic_int_set (&meeting.is_home, TRUE);
      while (!g_atomic_int_get (&meeting.let_go))
        g_thread_yield ();
      meeting.was_gone = g_atomic_int_get (&meeting.gone);
      if (meeting.was_gone)
        return;
    }
  __real_gco_notify (ctx);
}

static void
sleep_once (gpointer user_data)
{
  gco_coroutine_yield ();
  meeting.ended = TRUE;
}

static gpointer
wake (gpointer user_data)
{
  g_atomic_pointer_set (&meeting.waker, g_thread_self ());
  gco_coroutine_wake (meeting.sleeper);
  return NULL;
}

static void
note_gone (gpointer data,
           GObject *where)
{
  g_atomic_int_set (&meeting.gone, TRUE);
}

static void
test_held (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GThread       *waker;

  meeting = (Meeting){ .sleeper = gco_spawn (ctx, sleep_once, NULL, NULL) };
  g_object_weak_ref (G_OBJECT (ctx), note_gone, NULL);
  gco_aio_context_poll (ctx, FALSE);
  waker = g_thread_new ("waker", wake, NULL);
  while (!g_atomic_int_get (&meeting.is_home))
    g_thread_yield ();
  while (!meeting.ended)
    gco_aio_context_poll (ctx, FALSE);
  g_object_unref (ctx);
  g_atomic_int_set (&meeting.let_go, TRUE);
  g_thread_join (waker);
  g_assert_false (meeting.was_gone);
  g_assert_true (meeting.gone);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/notify-context/held", test_held);
  return g_test_run ();
}
