/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers of descriptors, one each. What a poller reports is looked up afresh
 * before each call: a handler that ran just before may have removed or replaced
 * it, and the generation tells a new one on the same descriptor apart.
 */

#include "gco-aio-context-private.h"
#include "gco-event-notifier.h"

#include <errno.h>
#include <fcntl.h>

#include "gco-fatal-private.h"

#define ALWAYS_TOLD (G_IO_ERR | G_IO_HUP | G_IO_NVAL)

typedef struct
{
  int            fd;         /* (immutable) */
  guint          generation; /* (immutable) */
  GIOCondition   condition;  /* (immutable) */
  gboolean       always;     /* (lock) ready without being asked: a regular file */
  int            ref_count;  /* (lock) */
  GcoFdFunc      func;       /* (immutable) */
  gpointer       user_data;  /* (immutable) */
  GDestroyNotify destroy;    /* (immutable) */
} GcoFdWatch;

/* (lock) */
static GcoFdWatch *
lookup (GcoAioContext *ctx,
        int            fd)
{
  return (guint) fd < ctx->watches->len ? g_ptr_array_index (ctx->watches, fd) : NULL;
}

static void
unref (GcoAioContext *ctx,
       GcoFdWatch    *watch)
{
  gboolean last;

  g_mutex_lock (&ctx->lock);
  last = --watch->ref_count == 0;
  g_mutex_unlock (&ctx->lock);
  if (!last)
    return;
  gco_aio_context_run_anyway (ctx, watch->destroy, watch->user_data);
  g_free (watch);
}

/* (lock) Why @fd cannot have a handler; NULL: it can be tried. */
static const char *
get_refusal (GcoAioContext *ctx,
             int            fd)
{
  if (gco_fd_is_waited_for (ctx, fd))
    return "a coroutine waits for it";
  /* no table as long as the number of a descriptor that is none */
  if ((guint) fd >= ctx->watches->len && fcntl (fd, F_GETFD) < 0)
    return g_strerror (errno);
  return NULL;
}

/* (lock) Puts @watch, or nothing, in the place of what is returned; *@problem is an
 * errno if it cannot be told of anything. */
static GcoFdWatch *
replace (GcoAioContext *ctx,
         int            fd,
         GcoFdWatch    *watch,
         int           *problem)
{
  GcoFdWatch *old = lookup (ctx, fd);

  if ((guint) fd >= ctx->watches->len)
    {
      if (watch == NULL)
        return NULL;
      g_ptr_array_set_size (ctx->watches, fd + 1);
    }
  g_ptr_array_index (ctx->watches, fd) = watch;
  gco_store_relaxed (&ctx->n_watches, ctx->n_watches + (watch != NULL) - (old != NULL));
  if (old != NULL && old->always)
    gco_store_relaxed (&ctx->n_always, ctx->n_always - 1);
  else if (old != NULL && watch == NULL)
    gco_poller_watch (ctx->poller, fd, 0, 0);
  if (watch == NULL)
    return old;

  *problem = gco_poller_watch (ctx->poller, fd, watch->condition, watch->generation);
  watch->always = *problem == EPERM;
  if (!watch->always)
    return old;
  gco_store_relaxed (&ctx->n_always, ctx->n_always + 1);
  *problem = 0;
  return old;
}

/**
 * gco_aio_context_set_fd_handler:
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @fd: a descriptor
 * @condition: what to wait for; errors and hang-ups are told in any case
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): a
 *   handler, or NULL to remove the one that @fd has
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data, in the home thread of @ctx, or where the
 *   last reference to @ctx goes if that is earlier
 *
 * Has @func called by each dispatch of @ctx that finds @fd ready, until another
 * handler takes its place or it is removed. A descriptor has one handler a
 * context. Regular files are always ready.
 *
 * Remove the handler before closing @fd. Any thread may call this, the handler
 * included; it never yields. Removed in the home thread, the handler is certain
 * not to be called any more; in another, a call may be on its way.
 *
 * When the system has no memory for it, or no watch left
 * (`fs.epoll.max_user_watches`), this stops the process with a message.
 *
 * Since: 1.0
 */
void
gco_aio_context_set_fd_handler (GcoAioContext *ctx,
                                int            fd,
                                GIOCondition   condition,
                                GcoFdFunc      func,
                                gpointer       user_data,
                                GDestroyNotify destroy)
{
  GcoFdWatch *watch = NULL;
  GcoFdWatch *old;
  const char *refusal;
  gboolean    always;
  int         problem = 0;

  g_return_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx));
  g_return_if_fail (fd >= 0);
  g_return_if_fail (func == NULL || condition != 0);

  ctx = gco_aio_context_resolve (ctx);
  g_mutex_lock (&ctx->lock);
  refusal = func != NULL ? get_refusal (ctx, fd) : NULL;
  if (G_UNLIKELY (refusal != NULL))
    {
      g_mutex_unlock (&ctx->lock);
      g_critical ("descriptor %d cannot have a handler: %s", fd, refusal);
      gco_aio_context_run_anyway (ctx, destroy, user_data);
      return;
    }
  if (func != NULL)
    {
      watch = g_new (GcoFdWatch, 1);
      *watch = (GcoFdWatch){
        fd, ++ctx->n_watched, condition, FALSE, 1, func, user_data, destroy
      };
    }
  old = replace (ctx, fd, watch, &problem);
  always = watch != NULL && watch->always;
  g_mutex_unlock (&ctx->lock);

  if (old != NULL)
    unref (ctx, old);
  if (always)
    gco_notify (ctx);
  else if (watch != NULL && gco_load_relaxed (&ctx->source) != NULL)
    gco_notify_sleeper (ctx);
  if (G_UNLIKELY (problem == ENOMEM || problem == ENOSPC))
    gco_fatal ("cannot watch descriptor %d: %s", fd, g_strerror (problem));
  /* without the lock, for a log writer is foreign code */
  if (G_UNLIKELY (problem != 0))
    g_critical ("cannot watch descriptor %d: %s", fd, g_strerror (problem));
}

/* ---------------------------------------------------------------- dispatch */

static gboolean
call (GcoAioContext *ctx,
      int            fd,
      guint          generation,
      GIOCondition   condition)
{
  GcoFdWatch *watch;

  g_mutex_lock (&ctx->lock);
  watch = lookup (ctx, fd);
  if (watch != NULL && watch->generation == generation)
    condition &= watch->condition | ALWAYS_TOLD;
  else
    condition = 0;
  if (condition != 0)
    watch->ref_count++;
  g_mutex_unlock (&ctx->lock);
  if (condition == 0)
    return FALSE;

  watch->func (fd, condition, watch->user_data);
  unref (ctx, watch);
  return TRUE;
}

static gboolean
call_always_ready (GcoAioContext *ctx)
{
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (GcoPollerEvent));
  gboolean called = FALSE;

  g_mutex_lock (&ctx->lock);
  for (guint i = 0; i < ctx->watches->len; i++)
    {
      GcoFdWatch *watch = g_ptr_array_index (ctx->watches, i);

      if (watch != NULL && watch->always)
        {
          GcoPollerEvent event = {
            (int) i, watch->generation, watch->condition & (G_IO_IN | G_IO_OUT)
          };

          g_array_append_val (ready, event);
        }
    }
  g_mutex_unlock (&ctx->lock);

  for (guint i = 0; i < ready->len; i++)
    {
      GcoPollerEvent *event = &g_array_index (ready, GcoPollerEvent, i);

      if (call (ctx, event->fd, event->generation, event->condition))
        called = TRUE;
    }
  return called;
}

void
gco_fd_wake_waiters (GcoAioContext  *ctx,
                     GcoPollerEvent *events,
                     guint           n_events)
{
  for (guint i = 0; i < n_events; i++)
    if (events[i].generation == 0)
      ctx->wait_fd_ready (ctx, events[i].fd, events[i].condition);
}

gboolean
gco_fd_dispatch (GcoAioContext  *ctx,
                 GcoPollerEvent *events,
                 guint           n_events)
{
  gboolean called = FALSE;

  for (guint i = 0; i < n_events; i++)
    if (events[i].generation != 0 &&
        call (ctx, events[i].fd, events[i].generation, events[i].condition))
      called = TRUE;
  if (gco_load_relaxed (&ctx->n_always) > 0 && call_always_ready (ctx))
    called = TRUE;
  return called;
}

void
gco_fd_clear (GcoAioContext *ctx)
{
  for (guint i = 0; i < ctx->watches->len; i++)
    {
      GcoFdWatch *watch = g_ptr_array_index (ctx->watches, i);

      if (watch != NULL && watch->destroy != NULL)
        watch->destroy (watch->user_data);
      g_free (watch);
    }
  g_ptr_array_unref (ctx->watches);
  g_clear_pointer (&ctx->fd_waits, g_array_unref);
}

gboolean
gco_fd_has_handler (GcoAioContext *ctx,
                    int            fd)
{
  return lookup (ctx, fd) != NULL;
}

/* --------------------------------------------------------- event notifiers */

typedef struct
{
  GcoEventNotifier *notifier;
  GcoFunc           func;
  gpointer          user_data;
  GDestroyNotify    destroy;
} GcoNotifierWatch;

static void
on_notifier (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  GcoNotifierWatch *watch = user_data;

  if (gco_event_notifier_test_and_clear (watch->notifier))
    watch->func (watch->user_data);
}

static void
notifier_watch_free (gpointer user_data)
{
  GcoNotifierWatch *watch = user_data;

  if (watch->destroy != NULL)
    watch->destroy (watch->user_data);
  g_free (watch);
}

/**
 * gco_aio_context_set_event_notifier: (skip)
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @notifier: an event notifier, which the caller keeps until it is removed
 * @func: (nullable): a handler, or NULL to remove the one that @notifier has
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data, in the home thread of @ctx, or where the
 *   last reference to @ctx goes if that is earlier
 *
 * Has @func called by a dispatch of @ctx when @notifier was set, which clears
 * it. Any thread may call this; it never yields.
 *
 * Since: 1.0
 */
void
gco_aio_context_set_event_notifier (GcoAioContext    *ctx,
                                    GcoEventNotifier *notifier,
                                    GcoFunc           func,
                                    gpointer          user_data,
                                    GDestroyNotify    destroy)
{
  GcoNotifierWatch *watch;
  int               fd;

  g_return_if_fail (notifier != NULL);

  fd = gco_event_notifier_get_fd (notifier);
  if (func == NULL)
    {
      gco_aio_context_set_fd_handler (ctx, fd, 0, NULL, NULL, NULL);
      return;
    }
  watch = g_new (GcoNotifierWatch, 1);
  *watch = (GcoNotifierWatch){ notifier, func, user_data, destroy };
  gco_aio_context_set_fd_handler (ctx,
                                  fd,
                                  G_IO_IN,
                                  on_notifier,
                                  watch,
                                  notifier_watch_free);
}
