/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System V x86-64. Nothing is pushed by the inline form: red-zone safe. */

#pragma once

/* The assembly has the offsets; x32 and ILP32 have others. */
G_STATIC_ASSERT (sizeof (GcoSwitch) == 24);

#define GCO_SWITCH_HAS_TAIL 1
#define GCO_SWITCH_CAN_VISIT 1

/* gco-switch-x86_64.S */
void gco_switch_start (void);
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
  return (char *) sw->sp - 128;
}

/* What a call would have left there. */
static inline void
gco_switch_visit (GcoSwitch       *visit,
                  const GcoSwitch *sw,
                  GcoSwitchFunc    func)
{
  gpointer *return_address = (gpointer *) sw->sp - 1;

  *return_address = sw->ip;
  *visit = (GcoSwitch){ return_address, sw->fp, (gpointer) func };
}

#ifdef __AVX512F__
# define GCO_CLOBBER_AVX512                                          \
  , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",   \
      "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", \
      "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
# define GCO_CLOBBER_AVX512
#endif

/* Every register but those that the switch saves. */
#define GCO_CLOBBERS                                              \
 "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",     \
     "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", \
     "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",    \
     "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)",  \
     "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "memory", "cc"

static inline __attribute__ ((always_inline)) void
gco_switch_inline (GcoSwitch *from,
                   GcoSwitch *to)
{
  __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                   "movq %%rsp, 0(%%rdi)\n\t"
                   "movq %%rbp, 8(%%rdi)\n\t"
                   "movq %%rax, 16(%%rdi)\n\t"
                   "movq 0(%%rsi), %%rsp\n\t"
                   "movq 8(%%rsi), %%rbp\n\t"
                   "jmp *16(%%rsi)\n"
                   "1:\n\t"
                   "endbr64"
                   : "+D"(from), "+S"(to)
                   :
                   : GCO_CLOBBERS GCO_CLOBBER_AVX512);
}

static inline __attribute__ ((always_inline)) G_GNUC_NORETURN void
gco_switch_final (GcoSwitch *to)
{
  __asm__ volatile("movq 0(%%rsi), %%rsp\n\t"
                   "movq 8(%%rsi), %%rbp\n\t"
                   "jmp *16(%%rsi)"
                   :
                   : "S"(to)
                   : "memory");
  __builtin_unreachable ();
}
