/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scenario is written once and runs through both doors of a context:
 * PATH/source iterates a GMainContext that the context is attached to (and that
 * is the thread-default one), PATH/poll calls gco_aio_context_poll(). Each
 * scenario gets a context of its own, which must not outlive it.
 */

#pragma once

#include <gco.h>

/* A sanitizer has its own idea of faults, or of threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
# define GCO_TEST_SANITIZED 1
#elif defined(__has_feature)
# if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#  define GCO_TEST_SANITIZED 1
# endif
#endif
#ifndef GCO_TEST_SANITIZED
# define GCO_TEST_SANITIZED 0
#endif

typedef struct
{
  GcoAioContext *ctx;
  GMainContext  *main_context; /* NULL through the door of poll */
  GSource       *source;       /* NULL likewise */
  GString       *log;
  gboolean       abandons; /* set it if coroutines stay suspended for good */
} GcoTest;

typedef void (*GcoTestFunc) (GcoTest *t);

/* g_test_init(), and no core files from tests that are to crash. */
void gco_test_init (int    *argc,
                    char ***argv);

/* Registers PATH/source and PATH/poll. */
void gco_test_add (const char *path,
                   GcoTestFunc func);

/* The same for one door only. */
void gco_test_add_source (const char *path,
                          GcoTestFunc func);
void gco_test_add_poll (const char *path,
                        GcoTestFunc func);

/* Registers PATH/source and PATH/poll, each of which must stop the process with
 * a message on stderr that matches @pattern, as g_pattern_match_simple(). */
void gco_test_add_abort (const char *path,
                         GcoTestFunc func,
                         const char *pattern);

/* The same with no context, and @func is called as it is. */
void gco_test_add_abort_plain (const char *path,
                               void (*func) (void),
                               const char *pattern);

/* Runs what is ready, without waiting. TRUE if that was something. */
gboolean gco_test_iterate (GcoTest *t);

/* The same while the time of this thread stands still: what is to happen in one dispatch is
 * not cut short by a machine that has other things to do. */
gboolean gco_test_iterate_uncut (GcoTest *t);

/* Waits until there is something and runs it. */
void gco_test_iterate_blocking (GcoTest *t);

/* Iterates without waiting until there is nothing more to do. */
void gco_test_drain (GcoTest *t);

/* Iterates until *@flag, which may be set by another thread. */
void gco_test_run_until (GcoTest        *t,
                         const gboolean *flag);

/* gco_spawn() in the test's context; never NULL. */
GcoCoroutine *gco_test_spawn (GcoTest         *t,
                              GcoCoroutineFunc func,
                              gpointer         user_data);

/* Runs @func in a coroutine of the test's context and iterates until it ended. */
void gco_test_run (GcoTest         *t,
                   GcoCoroutineFunc func,
                   gpointer         user_data);

/* In a coroutine: goes to the end of what is ready, and on from there. */
void gco_test_pass (void);

/* @n, or less where every step is slow: divided by $GCO_TEST_DIVISOR. */
guint gco_test_scale (guint n);

/* The same of coroutines that are all there at once, each with a stack of @size: no more than
 * a quarter of all addresses hold. */
guint gco_test_crowd (guint n,
                      gsize size);

/* What happened, in order. */
void gco_test_log (GcoTest    *t,
                   const char *format,
                   ...) G_GNUC_PRINTF (2, 3);

/* Compares the log with @expected, and empties it. */
#define gco_test_assert_log(t, expected)           \
 G_STMT_START                                      \
 {                                                 \
  g_assert_cmpstr ((t)->log->str, ==, (expected)); \
  g_string_truncate ((t)->log, 0);                 \
 }                                                 \
 G_STMT_END

/* Another thread with a context of its own, iterated through the door of @t
 * (NULL: through poll) until it is stopped. */
typedef struct _GcoTestThread GcoTestThread;

GcoTestThread *gco_test_thread_new (GcoTest *t);
GcoAioContext *gco_test_thread_get_context (GcoTestThread *thread);
GThread       *gco_test_thread_get_thread (GcoTestThread *thread);

/* Calls @func from a dispatch there and waits until it has returned. */
void gco_test_thread_call (GcoTestThread *thread,
                           GcoFunc        func,
                           gpointer       user_data);

/* Ends it after what was scheduled there before, and frees it. */
void gco_test_thread_stop (GcoTestThread *thread);
