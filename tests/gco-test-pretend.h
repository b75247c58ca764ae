/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A library that by its name is an interpreter, and calls what it is told to. */

#pragma once

typedef void (*PretendFunc) (void *user_data);

void pretend_call (PretendFunc func,
                   void       *user_data);
