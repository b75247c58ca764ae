/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library calls in the explorer, by way of explore-seam.h. */

#pragma once

#include <gio/gio.h>
#include <time.h>

#include "gco-stack-private.h"

typedef enum
{
  EXPLORE_READ,
  EXPLORE_WRITE,
  EXPLORE_RELEASE,
  EXPLORE_EXCHANGE,
  EXPLORE_ADD,
  EXPLORE_SUBTRACT,
  EXPLORE_OR,
  EXPLORE_AND,
  EXPLORE_COMPARE,
  EXPLORE_COMPARE_RELEASE,
  EXPLORE_CONNECT,
  EXPLORE_DISCONNECT,
  EXPLORE_MUTEX_LOCK,
  EXPLORE_MUTEX_UNLOCK,
  EXPLORE_UNREF,
  EXPLORE_PAUSE,
  EXPLORE_SLEEP,
  EXPLORE_KICK,
} ExploreKind;

typedef struct
{
  const char *func;
  const char *name; /* of what it is about */
  int         line;
  ExploreKind kind;

  /* Learnt: two actors have met at what it touches. See explore-sites.c. */
  gboolean shared;
} ExploreSite;

/* Before the access: here another actor may take its turn. */
void explore_before (ExploreSite         *site,
                     const volatile void *address);

/* After it: @before and @now are what it found and left. */
void explore_after (ExploreSite         *site,
                    const volatile void *address,
                    guintptr             before,
                    guintptr             now);

void explore_mutex_lock (ExploreSite *site,
                         GMutex      *mutex);
void explore_mutex_unlock (ExploreSite *site,
                           GMutex      *mutex);
void explore_unref (ExploreSite *site,
                    gpointer     object);

/* Those of GLib, seen. */
gboolean explore_is_cancelled (ExploreSite  *site,
                               GCancellable *cancellable);
void     explore_cancel (GCancellable *cancellable);
gulong   explore_connect (ExploreSite   *site,
                          gpointer       object,
                          const char    *signal,
                          GCallback      callback,
                          gpointer       data,
                          GClosureNotify destroy,
                          GConnectFlags  flags);
void     explore_disconnect (ExploreSite *site,
                             gpointer     object,
                             gulong       handler);

/* In the place of a look at all coroutines that there are. */
void explore_stack_foreach (GcoStackFunc func,
                            gpointer     user_data);

/* Gives way until another actor has changed something. */
int   explore_pause (void);
int   explore_clock_gettime (clockid_t        id,
                             struct timespec *now);
guint explore_n_processors (void);
