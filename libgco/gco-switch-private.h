/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving one stack for another, in one thread.
 *
 * What a switch keeps:
 *
 *   stack and frame pointer, program counter   saved in GcoSwitch
 *   every other integer and vector register    named as clobbered: the compiler
 *                                              saves those that are alive
 *   FP control words (mxcsr, x87, FPCR)        not switched: they belong to the
 *                                              thread (HACKING.md, "FP modes")
 *   signal mask                                not switched: no system call
 *   shadow stack                               not supported; the objects are
 *                                              not marked as if it were
 *
 * Each backend, arch/gco-switch-CPU-private.h, gives
 *
 *   gco_switch_prepare (sw, top, func)  the next switch to sw calls func, which
 *                                       never returns, on the stack below top;
 *                                       sw stays where it is until then
 *   gco_switch_inline (from, to)        leaves from, continues at to; inlined,
 *                                       so that returns stay predicted
 *   gco_switch_tail (from, to)          the same as a function to tail-call;
 *                                       only with GCO_SWITCH_HAS_TAIL
 *   gco_switch_final (to)               continues at to for good
 *   gco_switch_free_below (sw)          where the stack of a left context is
 *                                       unused from on down
 *   gco_switch_visit (visit, sw, func)  the next switch to visit calls func, which
 *                                       never returns, as if the left context sw
 *                                       had; only with GCO_SWITCH_CAN_VISIT, and
 *                                       what it writes below sw is to be put back
 *
 * always in the order (from, to). A function that holds gco_switch_inline() is
 * GCO_HOLDS_SWITCH and has no variable-length or over-aligned local: the
 * compiler may need rbp or x29 for those, and the switch restores them itself.
 */

#pragma once

#include <glib.h>

#include "gco-config.h"

typedef struct
{
  gpointer sp;
  gpointer fp;
  gpointer ip;
} GcoSwitch;

/* What a switch to @to calls. @ignored is whatever lies in the register of from. */
typedef void (*GcoSwitchFunc) (gpointer   ignored,
                               GcoSwitch *to);

#if defined(__clang__)
# define GCO_HOLDS_SWITCH __attribute__ ((noinline))
#else
# define GCO_HOLDS_SWITCH __attribute__ ((noipa))
#endif

#if GCO_SWITCH_ASM && defined(__x86_64__)
# include "arch/gco-switch-x86_64-private.h"
#elif GCO_SWITCH_ASM && defined(__aarch64__)
# include "arch/gco-switch-aarch64-private.h"
#else
# include "arch/gco-switch-ucontext-private.h"
#endif
