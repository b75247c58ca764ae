/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the records of one-shots go: from a thread that runs them back to one that posts,
 * so that in a stream nothing is allocated, and what is too much is freed. */

#include "gco-test.h"

#include "gco-atomic-private.h"

#define N 1500

static guint n_allocated; /* (atomic) */
static guint n_freed;     /* (atomic) */

gpointer __real_g_malloc (gsize size);
gpointer __wrap_g_malloc (gsize size);
void     __real_g_free (gpointer memory);
void     __wrap_g_free (gpointer memory);

gpointer
__wrap_g_malloc (gsize size)
{
  gco_fetch_add (&n_allocated, 1);
  return __real_g_malloc (size);
}

void
__wrap_g_free (gpointer memory)
{
  gco_fetch_add (&n_freed, 1);
  __real_g_free (memory);
}

static void
count (gpointer user_data)
{
  guint *n = user_data;

  ++*n;
}

typedef struct
{
  GcoTest *t;
  guint    n;
  guint    n_ran;
  guint    n_allocated;
} Stream;

static gpointer
post_thread (gpointer data)
{
  Stream *stream = data;
  guint   before = gco_load_acquire (&n_allocated);

  for (guint i = 0; i < stream->n; i++)
    gco_aio_context_schedule_oneshot (stream->t->ctx, count, &stream->n_ran, NULL);
  stream->n_allocated = gco_load_acquire (&n_allocated) - before;
  return NULL;
}

/* Returns how much is allocated to post @n, in a new thread. */
static guint
post (GcoTest *t,
      guint    n)
{
  Stream stream = { .t = t, .n = n };

  g_thread_join (g_thread_new (NULL, post_thread, &stream));
  while (stream.n_ran < n)
    gco_test_iterate (t);
  g_assert_cmpuint (stream.n_ran, ==, n);
  return stream.n_allocated;
}

static void
test_stream (GcoTest *t)
{
  post (t, N);
  /* what is less than a batch stays here, and a thread that ends frees what it has */
  for (guint i = 0; i < 5; i++)
    g_assert_cmpuint (post (t, N), <=, N / 2);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpuint (post (t, 256), ==, 0);
}

/* One burst is no reason to keep all that it took. */
static void
test_burst (GcoTest *t)
{
  guint before;

  post (t, N);
  before = gco_load_acquire (&n_freed);
  post (t, 4 * N);
  g_assert_cmpuint (gco_load_acquire (&n_freed) - before, >=, 2 * N);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/oneshot-private/stream", test_stream);
  gco_test_add ("/oneshot-private/burst", test_burst);
  return g_test_run ();
}
