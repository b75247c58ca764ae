/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "server.h"

/* Takes @fd, and a permit of the server's semaphore. */
void connection_start (Server *server,
                       int     fd);
