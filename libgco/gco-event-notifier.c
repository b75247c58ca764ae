/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wake-up by descriptor: an eventfd, or a pipe where there is none. */

#include "gco-event-notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "gco-config.h"

#if GCO_LOOP_EPOLL
# include <sys/eventfd.h>
#endif

struct _GcoEventNotifier
{
  int read_fd;  /* (immutable) */
  int write_fd; /* (immutable) the same, for an eventfd */
};

static gboolean
fail (int      number,
      GError **error)
{
  g_set_error (error,
               G_IO_ERROR,
               g_io_error_from_errno (number),
               "Cannot make an event notifier: %s",
               g_strerror (number));
  return FALSE;
}

static gboolean
open_fds (GcoEventNotifier *notifier,
          GError          **error)
{
  int fds[2];

#if GCO_LOOP_EPOLL
  fds[0] = fds[1] = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fds[0] < 0)
    return fail (errno, error);
#else
  if (pipe (fds) != 0)
    return fail (errno, error);
  for (int i = 0; i < 2; i++)
    {
      fcntl (fds[i], F_SETFD, FD_CLOEXEC);
      fcntl (fds[i], F_SETFL, O_NONBLOCK);
    }
#endif
  notifier->read_fd = fds[0];
  notifier->write_fd = fds[1];
  return TRUE;
}

/**
 * gco_event_notifier_new: (skip)
 * @error: return location for an error
 *
 * Makes an event notifier, not set. See
 * [method@Gco.AioContext.set_event_notifier]. Any thread.
 *
 * Returns: (transfer full) (nullable): a notifier; NULL with an error when the
 *   process has no descriptors left
 *
 * Since: 1.0
 */
GcoEventNotifier *
gco_event_notifier_new (GError **error)
{
  GcoEventNotifier *notifier = g_new0 (GcoEventNotifier, 1);

  notifier->read_fd = notifier->write_fd = -1;
  if (open_fds (notifier, error))
    return notifier;
  gco_event_notifier_free (notifier);
  return NULL;
}

/**
 * gco_event_notifier_set: (skip)
 * @notifier: a notifier
 *
 * Sets @notifier; being set twice is being set. Any thread.
 *
 * Since: 1.0
 */
void
gco_event_notifier_set (GcoEventNotifier *notifier)
{
  uint64_t one = 1;

  g_return_if_fail (notifier != NULL);

  /* EAGAIN: it could not be more set. */
  while (write (notifier->write_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/**
 * gco_event_notifier_test_and_clear: (skip)
 * @notifier: a notifier
 *
 * Clears @notifier. Any thread.
 *
 * Returns: TRUE if it was set
 *
 * Since: 1.0
 */
gboolean
gco_event_notifier_test_and_clear (GcoEventNotifier *notifier)
{
  char     bytes[512];
  gssize   n;
  gboolean was_set = FALSE;

  g_return_val_if_fail (notifier != NULL, FALSE);

  do
    {
      n = read (notifier->read_fd, bytes, sizeof bytes);
      was_set = was_set || n > 0;
    }
  while (n == (gssize) sizeof bytes || (n < 0 && errno == EINTR));
  return was_set;
}

/**
 * gco_event_notifier_get_fd: (skip)
 * @notifier: a notifier
 *
 * For a loop that is not libgco's. Any thread.
 *
 * Returns: the descriptor that is readable while @notifier is set; the
 *   notifier's own
 *
 * Since: 1.0
 */
int
gco_event_notifier_get_fd (GcoEventNotifier *notifier)
{
  g_return_val_if_fail (notifier != NULL, -1);

  return notifier->read_fd;
}

/**
 * gco_event_notifier_free: (skip)
 * @notifier: (transfer full): a notifier that no context watches any more
 *
 * Frees @notifier. Any thread.
 *
 * Since: 1.0
 */
void
gco_event_notifier_free (GcoEventNotifier *notifier)
{
  g_return_if_fail (notifier != NULL);

  if (notifier->read_fd >= 0)
    close (notifier->read_fd);
  if (notifier->write_fd >= 0 && notifier->write_fd != notifier->read_fd)
    close (notifier->write_fd);
  g_free (notifier);
}
