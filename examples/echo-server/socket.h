/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#define SOCKET_WOULD_BLOCK ((gssize) -2)

/* On the loopback interface. A *port of 0 becomes the one that was free. */
int socket_listen (int     *port,
                   GError **error);

/* These never wait: SOCKET_WOULD_BLOCK without an error, or -1 with one. */

/* G_IO_ERROR_TOO_MANY_OPEN_FILES: there is a connection, but no descriptor or
 * memory for it. */
gssize socket_accept (int      listener,
                      GError **error);
gssize socket_receive (int      fd,
                       char    *buffer,
                       gsize    size,
                       GError **error);
gssize socket_send (int         fd,
                    const char *data,
                    gsize       size,
                    GError    **error);

/* Says that no more is to come. FALSE: the peer has got all that was sent. */
gboolean socket_finish (int fd);
