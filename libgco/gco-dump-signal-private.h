/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* From now on SIGQUIT has each thread tell of its coroutines. Once. */
void gco_dump_signal_begin (void);
