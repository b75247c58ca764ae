/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two contexts in two threads, a mutex between them, and a coroutine that
 * changes over. The mutex suspends a coroutine, never a thread: while one waits,
 * the loop it belongs to runs the others.
 */

#include <gco.h>

#define N_COROUTINES 4
#define N_ROUNDS 10000

typedef struct
{
  GcoAioContext *ctx;
  GThread       *thread;
  GThread       *self; /* the same, as it knows itself */
  int            stop; /* (atomic) */
} Worker;

typedef struct
{
  Worker     workers[2];
  GcoMutex   lock;
  int        counter;   /* (lock) */
  int        n_running; /* (atomic) */
  GMainLoop *loop;
} Program;

static gpointer
work (gpointer user_data)
{
  Worker *worker = user_data;

  worker->self = g_thread_self ();
  while (!g_atomic_int_get (&worker->stop))
    gco_aio_context_poll (worker->ctx, TRUE);
  /* another thread may poll it now, or free it */
  gco_aio_context_release_thread (worker->ctx);
  return NULL;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
done (Program *program)
{
  /* not at once, as g_main_context_invoke() does where nobody iterates: the loop may not
   * have begun, and a quit before that is lost */
  if (g_atomic_int_dec_and_test (&program->n_running))
    g_idle_add (quit, program->loop);
}

static void gco_coroutine_fn
count (gpointer user_data)
{
  Program *program = user_data;

  for (int i = 0; i < N_ROUNDS; i++)
    {
      GCO_MUTEX_AUTO_LOCK (&program->lock, held);
      program->counter++;
    }
  done (program);
}

static void gco_coroutine_fn
travel (gpointer user_data)
{
  Program *program = user_data;
  GThread *first, *second;

  first = g_thread_self ();
  gco_coroutine_move_to (program->workers[1].ctx);
  second = g_thread_self ();
  gco_coroutine_move_to (program->workers[0].ctx);
  g_print ("travelled from the %s to the %s thread and back%s\n",
           first == program->workers[0].self ? "first" : "wrong",
           second == program->workers[1].self ? "second" : "wrong",
           first == g_thread_self () ? "" : ", but somewhere else");
  done (program);
}

int
main (void)
{
  Program program = { .n_running = 2 * N_COROUTINES + 1 };

  program.loop = g_main_loop_new (NULL, FALSE);
  for (int i = 0; i < 2; i++)
    {
      Worker *worker = &program.workers[i];

      worker->ctx = gco_aio_context_new ();
      /* scheduled first, run when the thread polls */
      for (int j = 0; j < N_COROUTINES; j++)
        if (gco_spawn (worker->ctx, count, &program, NULL) == NULL)
          g_error ("there is no memory for a stack");
    }
  if (gco_spawn (program.workers[0].ctx, travel, &program, NULL) == NULL)
    g_error ("there is no memory for a stack");
  for (int i = 0; i < 2; i++)
    program.workers[i].thread = g_thread_new ("worker", work, &program.workers[i]);

  g_main_loop_run (program.loop);
  for (int i = 0; i < 2; i++)
    {
      g_atomic_int_set (&program.workers[i].stop, TRUE);
      gco_aio_context_notify (program.workers[i].ctx);
      g_thread_join (program.workers[i].thread);
      g_object_unref (program.workers[i].ctx);
    }
  g_print ("counted to %d\n", program.counter);
  g_main_loop_unref (program.loop);
  return 0;
}
