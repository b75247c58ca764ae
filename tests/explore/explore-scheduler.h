/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of the scheduler, for the files of the explorer. */

#pragma once

#include "explore.h"
#include "gco-coroutine-private.h"
#include "gco-poller-private.h"

typedef enum
{
  EXPLORE_RUNNING,
  EXPLORE_BLOCKED,
  EXPLORE_DONE,
} ExploreState;

typedef struct
{
  int            index;
  GThread       *thread;
  GcoThread     *home;
  int            turn; /* (atomic) a futex */
  ExploreState   state;
  gboolean       paused; /* until another actor has changed something */
  guintptr       stand;  /* where in the sources */
  gpointer       emits;  /* it is inside of g_cancellable_cancel() */
  GcoAioContext *ctx;
  GMainContext  *main_context; /* or NULL */
  void (*body) (void);
  int n_left; /* coroutines that were spawned there */

  /* While it is blocked. */
  gboolean (*ready) (gpointer data);
  gpointer     data;
  gint64       deadline;
  ExploreSite *site;
} ExploreActor;

typedef struct
{
  ExploreActor actors[EXPLORE_MAX_ACTORS];
  int          n_actors;
  guint        step;
  gint64       now; /* the clock, in ns */
  guint        n_processors;
  int          main_turn; /* (atomic) a futex */
} ExploreWorld;

extern ExploreWorld explore_world;

/* The actor that runs here, or NULL. */
ExploreActor *explore_actor_here (void);

void explore_forget_all (void);
void explore_name_context (GcoAioContext *ctx,
                           const char    *name);

/* Fails if @address is in a context that is gone. */
void explore_check_alive (ExploreSite         *site,
                          const volatile void *address);

/* A context is as good as gone. */
void explore_note_gone (GcoPoller *poller);

void explore_forget_fds (void);

/* After a run. */
void explore_revive_pages (void);

/* explore.c: tells what happened, and ends the process. */
G_GNUC_NORETURN void explore_report_failure (const char *text);
