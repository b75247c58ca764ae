/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MADV_GUARD_INSTALL (Linux 6.13) costs no mapping: a million guards fit into
 * a handful of them. Older kernels, and locked memory, get mprotect(), which
 * splits the mapping in two each time; the system allows 65,530 by default, and
 * other users of memory fail when they are used up. So they are counted.
 */

#include "gco-guard-private.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "gco-stack-private.h"

#ifndef MADV_GUARD_INSTALL
# define MADV_GUARD_INSTALL 102
#endif

/* Mappings left to the rest of the program. */
#define MAPPINGS_RESERVED 5000

static gboolean force_mprotect; /* (lock) */
static gsize    max_mappings;   /* (lock) 0: not read yet */
static gsize    n_protected;    /* (lock) */

void
gco_stack_force_mprotect (gsize max)
{
  force_mprotect = TRUE;
  max_mappings = max;
}

static gsize
read_max_mappings (void)
{
  unsigned long max = 65530;
  FILE         *file = fopen ("/proc/sys/vm/max_map_count", "re");

  if (file != NULL)
    {
      if (fscanf (file, "%lu", &max) != 1)
        max = 65530;
      fclose (file);
    }
  return max;
}

static gboolean
protect (char    *page,
         gsize    page_size,
         GError **error)
{
  if (max_mappings == 0)
    max_mappings = read_max_mappings ();
  if (max_mappings < MAPPINGS_RESERVED + 2 * (n_protected + 1))
    {
      g_set_error (error,
                   G_IO_ERROR,
                   G_IO_ERROR_NO_SPACE,
                   "No more guarded stacks: %" G_GSIZE_FORMAT " use up the"
                   " mappings of this process; raise vm.max_map_count (now"
                   " %" G_GSIZE_FORMAT ")",
                   n_protected,
                   max_mappings);
      return FALSE;
    }
  if (mprotect (page, page_size, PROT_NONE) != 0)
    {
      g_set_error (error,
                   G_IO_ERROR,
                   G_IO_ERROR_NO_SPACE,
                   "No guard for a coroutine's stack: %s",
                   g_strerror (errno));
      return FALSE;
    }
  n_protected++;
  return TRUE;
}

/* Emulators say yes to advice that they do not know. What must not be written to
 * is given to the system to write to. */
static gboolean
is_guarded (char *page)
{
  return uname ((struct utsname *) page) == -1 && errno == EFAULT;
}

static gboolean
advise (char *page,
        gsize page_size)
{
  static gboolean believed; /* (lock) */

  if (force_mprotect || madvise (page, page_size, MADV_GUARD_INSTALL) != 0)
    return FALSE;
  if (!believed)
    believed = is_guarded (page);
  force_mprotect = !believed;
  return believed;
}

gboolean
gco_guard_install (char     *page,
                   gsize     page_size,
                   gboolean *is_mapping,
                   GError  **error)
{
  /* EINVAL: not known to this kernel, or memory that is locked now and may not
   * be the next time: so ask each time. */
  *is_mapping = !advise (page, page_size);
  return !*is_mapping || protect (page, page_size, error);
}

void
gco_guard_forget (gboolean is_mapping)
{
  if (is_mapping)
    n_protected--;
}
