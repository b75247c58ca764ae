/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines that wait for a descriptor: any number of them, for the same or for
 * different conditions. The poller is armed with what they want together, for one
 * event, and armed again for those who are left: so that a descriptor which is
 * closed after a wait leaves nothing behind that could fire.
 *
 * The lock here is that of the context, instead of a BUSY bit.
 */

#include "gco-wait-fd.h"

#include <errno.h>
#include <fcntl.h>

#include "gco-waiter-private.h"

#define ALWAYS_TOLD (G_IO_ERR | G_IO_HUP | G_IO_NVAL)

typedef struct
{
  GcoWaiter    waiter;
  int          fd;
  GIOCondition wanted;
  GIOCondition seen;
  int          problem; /* an errno, if it cannot be waited for any more */
} GcoFdWaiter;

/* (lock) */
static GcoFdWaits *
waits_for (GcoAioContext *ctx,
           int            fd)
{
  return &g_array_index (ctx->fd_waits, GcoFdWaits, fd);
}

/* (lock) */
static void
set_armed (GcoAioContext *ctx,
           GcoFdWaits    *waits,
           GIOCondition   condition)
{
  guint n = ctx->n_watches + (condition != 0) - (waits->armed != 0);

  waits->armed = condition;
  gco_store_relaxed (&ctx->n_watches, n);
}

/* (lock) 0 or an errno */
static int
arm (GcoAioContext *ctx,
     int            fd)
{
  GcoFdWaits  *waits = waits_for (ctx, fd);
  GIOCondition wanted = 0;
  int          problem = 0;

  for (GcoWaiter *waiter = waits->head; waiter != NULL; waiter = waiter->next)
    wanted |= ((GcoFdWaiter *) waiter)->wanted;
  if (wanted != waits->armed)
    problem = gco_poller_watch (ctx->poller, fd, wanted, 0);
  if (problem == 0)
    set_armed (ctx, waits, wanted);
  else if (problem == EBADF)
    set_armed (ctx, waits, 0);
  /* else it is armed as before, for those who were there before */
  return problem;
}

static void
leave (GcoWaiter *waiter)
{
  GcoAioContext *ctx = waiter->lock;
  int            fd = ((GcoFdWaiter *) waiter)->fd;

  g_mutex_lock (&ctx->lock);
  gco_wait_list_close ((GcoWaitList *) waits_for (ctx, fd),
                       waiter->previous,
                       waiter->next);
  arm (ctx, fd);
  g_mutex_unlock (&ctx->lock);
}

static const GcoWaiterClass fd_waiter = { "a descriptor", leave, NULL };

/* (lock) Grants those whom @condition concerns, or all if there is a @problem, and
 * puts them before @granted. */
static GcoWaiter *
grant (GcoFdWaits  *waits,
       GIOCondition condition,
       int          problem,
       GcoWaiter   *granted)
{
  GcoWaiter  *all = NULL;
  GcoWaiter **end = &all;
  GcoWaiter  *next;

  for (GcoWaiter *waiter = waits->head; waiter != NULL; waiter = next)
    {
      GcoFdWaiter *self = (GcoFdWaiter *) waiter;
      GIOCondition seen = condition & (self->wanted | ALWAYS_TOLD);

      next = waiter->next;
      if ((seen == 0 && problem == 0) ||
          gco_waiter_grant (waiter, (GcoWaitList *) waits) != GCO_WAIT_GRANTED)
        continue;
      self->seen = seen;
      self->problem = problem;
      *end = waiter;
      end = &waiter->next;
    }
  *end = granted;
  return all;
}

static void
on_ready (GcoAioContext *ctx,
          int            fd,
          GIOCondition   condition)
{
  GcoFdWaits *waits;
  GcoWaiter  *granted;
  int         problem;

  g_mutex_lock (&ctx->lock);
  waits = waits_for (ctx, fd);
  /* A late event of a wait that was given up, or of a descriptor before. */
  if (waits->armed == 0)
    {
      g_mutex_unlock (&ctx->lock);
      return;
    }
  set_armed (ctx, waits, 0);
  granted = grant (waits, condition, 0, NULL);
  problem = arm (ctx, fd);
  if (problem != 0)
    granted = grant (waits, 0, problem, granted);
  g_mutex_unlock (&ctx->lock);
  gco_waiter_wake_all (granted, NULL, "gco_wait_fd");
}

/* (lock) 0 or an errno */
static int
enqueue (GcoAioContext *ctx,
         GcoFdWaiter   *self)
{
  GcoWaiter   *waiter = &self->waiter;
  GcoWaitList *list;
  int          problem;

  if (ctx->fd_waits == NULL)
    {
      ctx->fd_waits = g_array_new (FALSE, TRUE, sizeof (GcoFdWaits));
      ctx->wait_fd_ready = on_ready;
    }
  if ((guint) self->fd >= ctx->fd_waits->len)
    {
      /* no table as long as the number of a descriptor that is none */
      if (fcntl (self->fd, F_GETFD) < 0)
        return errno;
      g_array_set_size (ctx->fd_waits, self->fd + 1);
    }
  list = (GcoWaitList *) waits_for (ctx, self->fd);
  gco_wait_list_append (list, waiter);
  problem = arm (ctx, self->fd);
  if (problem != 0)
    gco_wait_list_close (list, waiter->previous, waiter->next);
  return problem;
}

static GIOCondition
fail (int      fd,
      int      problem,
      GError **error)
{
  g_set_error (error,
               G_IO_ERROR,
               problem == EBADF || problem == EEXIST || problem == EPERM
                   ? G_IO_ERROR_INVALID_ARGUMENT
                   : g_io_error_from_errno (problem),
               "Cannot wait for descriptor %d: %s",
               fd,
               problem == EEXIST ? "it has a handler" : g_strerror (problem));
  return 0;
}

static GIOCondition
wait_fd (int                  fd,
         GIOCondition         condition,
         const GcoWaitLimits *limits,
         const char          *caller,
         GError             **error)
{
  GcoFdWaiter    self = { .fd = fd, .wanted = condition };
  GcoAioContext *ctx;
  gboolean       has_handler;
  int            problem = EEXIST;

  gco_waiter_init (&self.waiter, &fd_waiter, NULL, caller);
  self.waiter.lock = ctx = gco_coroutine_get_home (self.waiter.coroutine);
  if (!gco_waiter_may_wait (&self.waiter, limits, error))
    return 0;

  g_mutex_lock (&ctx->lock);
  has_handler = gco_fd_has_handler (ctx, fd);
  if (!has_handler)
    problem = enqueue (ctx, &self);
  g_mutex_unlock (&ctx->lock);

  if (G_UNLIKELY (has_handler))
    g_critical ("%s: descriptor %d has a handler already", caller, fd);
  if (problem == EPERM && (condition & (G_IO_IN | G_IO_OUT)) != 0)
    {
      gco_waiter_forgo (&self.waiter);
      return condition & (G_IO_IN | G_IO_OUT);
    }
  if (problem != 0)
    {
      gco_waiter_forgo (&self.waiter);
      return fail (fd, problem, error);
    }
  gco_notify_sleeper (ctx);
  if (!gco_waiter_park (&self.waiter, limits, error))
    return 0;
  return self.problem == 0 ? self.seen : fail (fd, self.problem, error);
}

/**
 * gco_wait_fd: (skip)
 * @fd: a descriptor
 * @condition: what to wait for, `G_IO_IN`, `G_IO_OUT` or `G_IO_PRI`; errors and
 *   hang-ups are told in any case
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Suspends the running coroutine until @fd is ready. Several may wait for one
 * descriptor, in the same context: all whom it concerns go on. Regular files are
 * ready at once. Coroutine only; may yield.
 *
 * Do not close @fd while anybody waits for it. One that has a handler, see
 * [method@Gco.AioContext.set_fd_handler], cannot be waited for, which is a
 * programming error.
 *
 * Returns: what is there of @condition, or of errors and hang-ups; 0 with
 *   `G_IO_ERROR_CANCELLED`, or `G_IO_ERROR_INVALID_ARGUMENT` if @fd is not open or
 *   is a regular file and @condition only `G_IO_PRI`
 *
 * Since: 1.0
 */
GIOCondition
gco_wait_fd (int           fd,
             GIOCondition  condition,
             GCancellable *cancellable,
             GError      **error)
{
  g_return_val_if_fail (fd >= 0, 0);
  g_return_val_if_fail ((condition & (G_IO_IN | G_IO_OUT | G_IO_PRI)) != 0, 0);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return wait_fd (fd, condition, &GCO_WAIT_CANCELLABLE (cancellable), "gco_wait_fd", error);
}

/**
 * gco_wait_fd_until: (skip)
 * @fd: a descriptor
 * @condition: what to wait for, `G_IO_IN`, `G_IO_OUT` or `G_IO_PRI`; errors and
 *   hang-ups are told in any case
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [func@Gco.wait_fd], or gives up with `G_IO_ERROR_TIMED_OUT`. Coroutine
 * only; may yield.
 *
 * Returns: what is there of @condition, or of errors and hang-ups; 0 with @error
 *
 * Since: 1.0
 */
GIOCondition
gco_wait_fd_until (int           fd,
                   GIOCondition  condition,
                   GcoClock     *clock,
                   gint64        deadline_ns,
                   GCancellable *cancellable,
                   GError      **error)
{
  g_return_val_if_fail (fd >= 0, 0);
  g_return_val_if_fail ((condition & (G_IO_IN | G_IO_OUT | G_IO_PRI)) != 0, 0);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), 0);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);

  return wait_fd (fd,
                  condition,
                  &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                  "gco_wait_fd_until",
                  error);
}
