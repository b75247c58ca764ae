/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The explorer: runs the code of the library on threads of which only one goes on at a
 * time, and tries which of them that is at each step. What happens is decided by the
 * schedule alone, so a schedule that fails does so again.
 */

#pragma once

#include <gco.h>

#include "explore-hooks.h"

#define EXPLORE_MAX_ACTORS 3
#define EXPLORE_MAX_STEPS 20000

typedef struct
{
  const char *name;
  int         n_actors;
  gboolean    spins; /* as on a machine of several processors */

  /* Before and after the actors, with nobody else there. */
  void (*set_up) (void);
  void (*tear_down) (void);

  /* NULL: iterates its context until the coroutines that were spawned there have ended */
  void (*bodies[EXPLORE_MAX_ACTORS]) (void);

  /* Bits: whose context is that of a GMainContext, which they iterate */
  guint main;
} ExploreScenario;

extern const ExploreScenario *const explore_scenarios[];

/* ----------------------------------------------------------- for scenarios */

/* The context of the actor. */
GcoAioContext *explore_context (int actor);

/* In set_up(): one more, which is nobody's, and not to be touched when its last reference
 * has gone. */
GcoAioContext *explore_new_context (const char *name);

/* In set_up(): one that polls for what contexts here sleep on. */
GMainContext *explore_new_main_context (void);

/* In set_up() or an actor: a coroutine there, known by @name. */
GcoCoroutine *explore_spawn (int              actor,
                             const char      *name,
                             GcoCoroutineFunc func,
                             gpointer         user_data);

/* Whether all coroutines that were spawned there have ended. */
gboolean explore_has_ended (int actor);

/* In a body: others go first, until @step of them is done. */
void explore_await_step (guint step);
void explore_end_step (void);

/* In a body: one turn of the loop of its context, by whichever door. */
void explore_iterate (gboolean may_block);

/* In a body: what the default one does. */
void explore_iterate_all (void);

/* The GMainContext that the actor iterates, which is its thread's default, or NULL. */
GMainContext *explore_main_context (int actor);

/* In set_up(): a descriptor, on which there is nothing before explore_make_ready(). */
int  explore_new_fd (void);
void explore_make_ready (int          fd,
                         GIOCondition condition);

/* For the columns: memory, and what a pointer to its start is called. */
void explore_name (gconstpointer start,
                   gsize         size,
                   const char   *name);

/* In set_up(): zeroed memory, as large as a page, and the same each time. */
gpointer explore_new_page (void);

/* In a body: nobody is to touch the page any more in this run, or it is a fault. */
void explore_kill_page (gpointer page);

/* A line of its own in the column of the actor. */
void explore_note (const char *format,
                   ...) G_GNUC_PRINTF (1, 2);

/* Ends the run with what happened. */
G_GNUC_NORETURN void explore_fail (const char *format,
                                   ...) G_GNUC_PRINTF (1, 2);

#define explore_assert(expression)                                       \
 G_STMT_START                                                            \
 {                                                                       \
  if (!(expression))                                                     \
   explore_fail ("%s:%d: not so: %s", G_STRFUNC, __LINE__, #expression); \
 }                                                                       \
 G_STMT_END

/* ------------------------------------------------------------- the scheduler */

/* One run of @scenario. */
void explore_run (const ExploreScenario *scenario);

/* The index of the actor that runs, or -1. */
int explore_self (void);

/* Suspends the actor until @ready, or until the clock shows @deadline (< 0: never). */
void explore_block (ExploreSite  *site,
                    gconstpointer address,
                    gboolean (*ready) (gpointer data),
                    gpointer data,
                    gint64   deadline);

/* The name of the coroutine that runs in this thread, or NULL. */
const char *explore_task_name (void);

/* Changes whenever what is called how does. */
guint explore_count_namings (void);

/* The name of who stands where @value points, or NULL. */
const char *explore_name_at (gconstpointer  address,
                             gconstpointer *start);

/* -------------------------------------------------------------- the strategy */

/* One of @options, of which there are @n; the first is the actor that runs, if it
 * @can_go_on. @step counts what might have been a choice. */
int explore_choose (guint      step,
                    const int *options,
                    int        n,
                    gboolean   can_go_on);

/* Whether to ask for a choice at a place that only one actor knows. */
gboolean explore_chooses_everywhere (void);

/* "17B,42A": where the run left what is the default, so far. */
const char *explore_schedule (void);

/* --------------------------------------------------------------- the places */

/* Notes an access of @actor; TRUE if it concerns others. */
gboolean explore_sites_note (ExploreSite         *site,
                             const volatile void *address,
                             int                  actor,
                             gboolean             writes);

/* What was met before is forgotten, but not what was learnt from it. */
void explore_sites_begin_run (void);

/* TRUE if places were learnt since the last call. */
gboolean explore_sites_have_learnt (void);
guint    explore_sites_count_shared (void);

/* ----------------------------------------------------------------- the trace */

void explore_trace_reset (void);
void explore_trace_add (guint                step,
                        int                  actor,
                        ExploreSite         *site,
                        const volatile void *address,
                        guintptr             before,
                        guintptr             now);
void explore_trace_note (guint step,
                         int   actor,
                         char *text);
void explore_trace_print (FILE *stream,
                          int   n_actors);

/* A number for all that happened: the same for the same. */
guint64 explore_trace_hash (void);

/* ------------------------------------------------- the locks, and their models */

void explore_watch_reset (void);

/* After each change of memory. */
void explore_watch_step (const volatile void *address,
                         guintptr             now);
