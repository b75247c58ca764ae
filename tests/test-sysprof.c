/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Under Sysprof each wait is a mark. Its side is played here: it is asked for memory, once by
 * each thread. */

#define _GNU_SOURCE /* memmem() */

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gco-test.h"

/* Of the library that libgco brings along for it, in none of its headers. */
typedef struct _MappedRingBuffer MappedRingBuffer;

MappedRingBuffer *mapped_ring_buffer_new_reader (size_t size);
int               mapped_ring_buffer_get_fd (MappedRingBuffer *self);

static int               ends[2];
static MappedRingBuffer *rings[16]; /* one a thread */
static guint             n_rings;   /* (atomic) */
static GcoMutex          mutex;

static void
send_ring (MappedRingBuffer *ring)
{
  int             fd = mapped_ring_buffer_get_fd (ring);
  char            control[CMSG_SPACE (sizeof fd)] __attribute__ ((aligned (16))) = { 0 };
  struct iovec    text = { (char *) "!", 1 };
  struct msghdr   message = { .msg_iov = &text,
                              .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  g_assert_cmpint (sendmsg (ends[0], &message, 0), ==, 1);
}

static gpointer
answer (gpointer unused)
{
  char question[sizeof "CreatRing"];

  while (read (ends[0], question, sizeof question) == sizeof question)
    {
      guint n = g_atomic_int_get (&n_rings);

      g_assert_cmpuint (n, <, G_N_ELEMENTS (rings));
      rings[n] = mapped_ring_buffer_new_reader (1 << 20);
      g_atomic_int_inc (&n_rings);
      send_ring (rings[n]);
    }
  return NULL;
}

static gboolean
is_marked (const char *text)
{
  for (guint i = 0, n = g_atomic_int_get (&n_rings); i < n; i++)
    {
      int      fd = mapped_ring_buffer_get_fd (rings[i]);
      gsize    size = (gsize) lseek (fd, 0, SEEK_END);
      char    *marks = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
      gboolean is_there;

      g_assert_true (marks != MAP_FAILED);
      is_there = memmem (marks, size, text, strlen (text)) != NULL;
      munmap (marks, size);
      if (is_there)
        return TRUE;
    }
  return FALSE;
}

static void
hold (gpointer name)
{
  gco_coroutine_set_name (gco_coroutine_self (), name);
  gco_mutex_lock (&mutex);
  gco_test_pass ();
  gco_mutex_unlock (&mutex);
}

static void
test_marks (GcoTest *t)
{
  gco_test_spawn (t, hold, (gpointer) "first");
  gco_test_spawn (t, hold, (gpointer) "second");
  gco_test_drain (t);
  g_assert_true (is_marked ("libgco"));
  g_assert_true (is_marked ("a GcoMutex"));
  g_assert_true (is_marked ("second"));
  g_assert_false (is_marked ("first"));
}

static void
on_locked (GObject      *face,
           GAsyncResult *result,
           gpointer      ended)
{
  g_assert_true (gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (face), result, NULL));
  gco_async_mutex_unlock (GCO_ASYNC_MUTEX (face), NULL);
  *(gboolean *) ended = TRUE;
}

static void
test_async (GcoTest *t)
{
  GcoAsyncMutex *face = gco_async_mutex_new ();
  gboolean       ended = FALSE;

  g_assert_true (gco_async_mutex_trylock (face));
  gco_async_mutex_lock_async (face, NULL, on_locked, &ended);
  gco_async_mutex_unlock (face, NULL);
  gco_test_run_until (t, &ended);
  g_assert_true (is_marked ("an asynchronous caller"));
  g_object_unref (face);
}

static void
sleep_marked (gpointer ended)
{
  guint n_before = g_atomic_int_get (&n_rings);

  gco_coroutine_set_name (gco_coroutine_self (), "elsewhere");
  gco_sleep_ns (NULL, 1);
  /* who begins to write asks for memory, and not on this stack */
  g_assert_cmpuint (g_atomic_int_get (&n_rings), ==, n_before);
  *(gboolean *) ended = TRUE;
}

static gpointer
sleep_elsewhere (gpointer unused)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  gboolean ended = FALSE;

  gco_spawn (ctx, sleep_marked, &ended, NULL);
  while (!ended)
    gco_aio_context_poll (ctx, TRUE);
  return NULL;
}

/* Each thread has its own. */
static void
test_thread (void)
{
  guint n_before = g_atomic_int_get (&n_rings);

  g_thread_join (g_thread_new ("elsewhere", sleep_elsewhere, NULL));
  g_assert_cmpuint (g_atomic_int_get (&n_rings), >, n_before);
  g_assert_true (is_marked ("elsewhere"));
}

static void
nothing (gpointer unused)
{
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *number = NULL;
  GThread         *sysprof;
  int              result;

  gco_test_init (&argc, &argv);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  number = g_strdup_printf ("%d", ends[1]);
  g_setenv ("SYSPROF_CONTROL_FD", number, TRUE);
  sysprof = g_thread_new ("sysprof", answer, NULL);
  gco_coroutine_enter (gco_coroutine_create (nothing, NULL));
  gco_test_add_poll ("/sysprof/marks", test_marks);
  gco_test_add_source ("/sysprof/async", test_async);
  g_test_add_func ("/sysprof/thread", test_thread);
  result = g_test_run ();
  shutdown (ends[0], SHUT_RD);
  g_thread_join (sysprof);
  return result;
}
