/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For libFuzzer. */

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const guint8 *bytes,
                            gsize         n);

int
LLVMFuzzerTestOneInput (const guint8 *bytes,
                        gsize         n)
{
  fuzz_run (bytes, n);
  return 0;
}
