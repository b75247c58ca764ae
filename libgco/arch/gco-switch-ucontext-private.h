/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any Unix, through <ucontext.h>. The ucontext_t of a left context lives in the
 * frame that left it, that of a new one at the top of its stack: GcoSwitch only
 * points there. Slow: each switch asks for the signal mask, which
 * libc sets and saves, with two system calls.
 */

#pragma once

#define GCO_SWITCH_HAS_TAIL 0
#define GCO_SWITCH_CAN_VISIT 0

/* gco-switch-ucontext.c */
void     gco_switch_prepare (GcoSwitch    *sw,
                             gpointer      top,
                             GcoSwitchFunc func);
void     gco_switch_inline (GcoSwitch *from,
                            GcoSwitch *to);
void     gco_switch_final (GcoSwitch *to) G_GNUC_NORETURN;
gpointer gco_switch_free_below (GcoSwitch *sw);
