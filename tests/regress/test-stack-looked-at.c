/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who overflowed a stack looks, in a signal handler, for whose it was. Another thread could
 * unmap what was looked at, and the handler died of that.
 */

#include "gco-test.h"

#include <errno.h>
#include <sys/mman.h>

#include "gco-stack-private.h"

/* Of these a region has one, and the depot keeps fewer. */
#define STACK_SIZE (64u << 20)
#define N_STACKS 10

static guint n_rounds;

/* In the place of GLib's: what is needed again in the next round is not "too early". */
gint64
g_get_monotonic_time (void)
{
  return n_rounds * (10 * G_TIME_SPAN_SECOND);
}

/* Makes @stacks, and gives them all back. */
static void
come_and_go (GcoStack **stacks)
{
  GcoStackCache cache = { NULL, 0, G_MAXUINT };

  for (guint i = 0; i < N_STACKS; i++)
    {
      stacks[i] = gco_stack_new (gco_stack_class_for_size (STACK_SIZE), NULL);
      g_assert_nonnull (stacks[i]);
    }
  for (guint i = 0; i < N_STACKS; i++)
    gco_stack_cache_put (&cache, stacks[i]);
  gco_stack_cache_clear (&cache);
  n_rounds++;
}

static guint
count_gone (GcoStack **stacks)
{
  gsize page = gco_stack_page_size ();
  guint n = 0;

  for (guint i = 0; i < N_STACKS; i++)
    {
      gpointer start = (gpointer) ((gsize) stacks[i] & ~(page - 1));
      guchar   residence;

      if (mincore (start, page, (gpointer) &residence) != 0)
        {
          g_assert_cmpint (errno, ==, ENOMEM);
          n++;
        }
    }
  return n;
}

static void
test_looked_at (void)
{
  GcoStack *stacks[N_STACKS];

  gco_stack_begin_look ();
  come_and_go (stacks);
  g_assert_cmpuint (count_gone (stacks), ==, 0);
  g_assert_null (gco_stack_find_guard (stacks));
  gco_stack_end_look ();
  /* what was kept is used again, and goes */
  come_and_go (stacks);
  g_assert_cmpuint (count_gone (stacks), >, 0);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/stack-looked-at", test_looked_at);
  return g_test_run ();
}
