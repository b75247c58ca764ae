/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

typedef void (*Plain) (gpointer data);
typedef void gco_coroutine_fn (*Marked) (gpointer data);

struct table
{
  const char *name;
  Plain       plain;
  Marked      marked;
};

static void gco_coroutine_fn
nap (gpointer data)
{
  gco_sleep_ns (NULL, 1);
}

static gboolean gco_coroutine_fn
work (GCancellable *cancellable,
      gpointer      data,
      GError      **error)
{
  return TRUE;
}

static const struct table table = { "nap", nap, nap };    /* [pointer] plain (Plain) */
static const struct table named = { .plain = nap };       /* [pointer] plain (Plain) */
static Plain              list[] = { nap };               /* [pointer] an array */
static Plain              one = nap;                      /* [pointer] one (Plain) */
static gpointer           hidden = (gpointer) nap;        /* [pointer] a cast */
static gpointer           as_function = G_CALLBACK (nap); /* [pointer] a cast (GCallback) */

static Plain
get (gboolean other,
     Marked   marked)
{
  if (other)
    return marked; /* [pointer] what get () returns */
  return nap;      /* [pointer] what get () returns */
}

static void gco_coroutine_fn
give (GList        *many,
      struct table *target,
      Marked        marked,
      void (*call) (Plain))
{
  g_list_free_full (many, nap);               /* [pointer] parameter 2 of g_list_free_full */
  target->plain = &nap;                       /* [pointer] plain */
  target->plain = many == NULL ? NULL : nap;  /* [pointer] plain */
  target->plain = target->marked;             /* [pointer] marked is a coroutine_fn */
  call (marked);                              /* [pointer] parameter 1 of call () */
  gco_run_in_thread (work, NULL, NULL, NULL); /* [pointer] is called outside of coroutines */
}
