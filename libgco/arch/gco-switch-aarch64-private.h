/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AAPCS64. Indirect branches go through x16: allowed to any "bti" target. */

#pragma once

/* The assembly has the offsets; x32 and ILP32 have others. */
G_STATIC_ASSERT (sizeof (GcoSwitch) == 24);

#define GCO_SWITCH_HAS_TAIL 1
#define GCO_SWITCH_CAN_VISIT 1

/* gco-switch-aarch64.S */
void gco_switch_start (void);
void gco_switch_call (void);
void gco_switch_tail (GcoSwitch *from,
                      GcoSwitch *to);

static inline void
gco_switch_prepare (GcoSwitch    *sw,
                    gpointer      top,
                    GcoSwitchFunc func)
{
  sw->sp = top;
  sw->fp = (gpointer) func; /* gco_switch_start() takes it from there */
  sw->ip = (gpointer) gco_switch_start;
}

static inline gpointer
gco_switch_free_below (GcoSwitch *sw)
{
  return sw->sp;
}

/* gco_switch_call() takes both from there, and is gone. */
static inline void
gco_switch_visit (GcoSwitch       *visit,
                  const GcoSwitch *sw,
                  GcoSwitchFunc    func)
{
  gpointer *pair = (gpointer *) sw->sp - 2;

  pair[0] = sw->ip;
  pair[1] = (gpointer) func;
  *visit = (GcoSwitch){ pair, sw->fp, (gpointer) gco_switch_call };
}

/* Every register but those that the switch saves. */
#define GCO_CLOBBERS                                                \
 "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",      \
     "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x20", "x21", \
     "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0",  \
     "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10",   \
     "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", \
     "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", \
     "v29", "v30", "v31", "memory", "cc"

static inline __attribute__ ((always_inline)) void
gco_switch_inline (GcoSwitch *from_,
                   GcoSwitch *to_)
{
  register GcoSwitch *from __asm__("x0") = from_;
  register GcoSwitch *to __asm__("x1") = to_;

  __asm__ volatile("adr x16, 1f\n\t"
                   "mov x17, sp\n\t"
                   "stp x17, x29, [x0]\n\t"
                   "str x16, [x0, #16]\n\t"
                   "ldp x17, x29, [x1]\n\t"
                   "ldr x16, [x1, #16]\n\t"
                   "mov sp, x17\n\t"
                   "br x16\n"
                   "1:\n\t"
                   "hint #36" /* bti j */
                   : "+r"(from), "+r"(to)
                   :
                   : GCO_CLOBBERS);
}

static inline __attribute__ ((always_inline)) G_GNUC_NORETURN void
gco_switch_final (GcoSwitch *to_)
{
  register GcoSwitch *to __asm__("x1") = to_;

  __asm__ volatile("ldp x17, x29, [x1]\n\t"
                   "ldr x16, [x1, #16]\n\t"
                   "mov sp, x17\n\t"
                   "br x16"
                   :
                   : "r"(to)
                   : "x16", "x17", "memory");
  __builtin_unreachable ();
}
