/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-pretend.h"

static volatile int depth;

void
pretend_call (PretendFunc func,
              void       *user_data)
{
  depth++;
  func (user_data);
  depth--; /* so that it is no tail call, and leaves no frame */
}
