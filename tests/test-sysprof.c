/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Under Sysprof each wait is a mark. Its side is played here: it is asked for memory. */

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

static int      ends[2];
static GcoMutex mutex;

static gpointer
answer (gpointer data)
{
  char            question[sizeof "CreatRing"];
  int             fd = mapped_ring_buffer_get_fd (data);
  char            control[CMSG_SPACE (sizeof fd)] __attribute__ ((aligned (16))) = { 0 };
  struct iovec    text = { (char *) "ok", 2 };
  struct msghdr   message = { .msg_iov = &text,
                              .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  g_assert_cmpint (read (ends[0], question, sizeof question), ==, sizeof question);
  g_assert_cmpint (sendmsg (ends[0], &message, 0), ==, 2);
  return NULL;
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
  MappedRingBuffer *ring = mapped_ring_buffer_new_reader (1 << 20);
  int               fd = mapped_ring_buffer_get_fd (ring);
  gsize             size = (gsize) lseek (fd, 0, SEEK_END);
  char             *marks = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  g_autofree char  *number = NULL;
  GThread          *thread;

  g_assert_true (marks != MAP_FAILED);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  number = g_strdup_printf ("%d", ends[1]);
  g_setenv ("SYSPROF_CONTROL_FD", number, TRUE);
  thread = g_thread_new ("sysprof", answer, ring);
  gco_test_spawn (t, hold, (gpointer) "first");
  gco_test_spawn (t, hold, (gpointer) "second");
  gco_test_drain (t);
  g_thread_join (thread);
  g_assert_nonnull (memmem (marks, size, "libgco", 7));
  g_assert_nonnull (memmem (marks, size, "a GcoMutex", 11));
  g_assert_nonnull (memmem (marks, size, "second", 7));
  g_assert_null (memmem (marks, size, "first", 6));
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_poll ("/sysprof/marks", test_marks);
  return g_test_run ();
}
