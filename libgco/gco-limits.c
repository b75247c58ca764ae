/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-limits-private.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned long
read_number (const char   *path,
             unsigned long otherwise)
{
  unsigned long number = otherwise;
  FILE         *file = fopen (path, "re");

  if (file == NULL)
    return otherwise;
  if (fscanf (file, "%lu", &number) != 1)
    number = otherwise;
  fclose (file);
  return number;
}

gsize
gco_limits_read_max_mappings (void)
{
  return read_number ("/proc/sys/vm/max_map_count", 65530);
}

/* What is used of RLIMIT_AS and RLIMIT_DATA, in bytes; 0 where nobody tells. */
static void
read_used (gsize *address_space,
           gsize *data)
{
  unsigned long n_all = 0;
  unsigned long n_data = 0;
  FILE         *file = fopen ("/proc/self/statm", "re");

  if (file != NULL)
    {
      if (fscanf (file, "%lu %*u %*u %*u %*u %lu", &n_all, &n_data) != 2)
        n_all = n_data = 0;
      fclose (file);
    }
  *address_space = n_all * (gsize) sysconf (_SC_PAGESIZE);
  *data = n_data * (gsize) sysconf (_SC_PAGESIZE);
}

static gboolean
is_over (int   resource,
         gsize used)
{
  struct rlimit limit;

  return getrlimit (resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
         limit.rlim_cur < used;
}

/* What to do, that is: mostly, which setting to raise. */
static char *
dup_advice (gsize size,
            int   number)
{
  gsize address_space;
  gsize data;

  if (number == EAGAIN)
    return g_strdup ("raise RLIMIT_MEMLOCK (ulimit -l), for its memory is locked");
  read_used (&address_space, &data);
  if (is_over (RLIMIT_AS, address_space + size))
    return g_strdup ("raise RLIMIT_AS (ulimit -v)");
  if (is_over (RLIMIT_DATA, data + size))
    return g_strdup ("raise RLIMIT_DATA (ulimit -d)");
  if (read_number ("/proc/sys/vm/overcommit_memory", 0) == 2)
    return g_strdup ("raise vm.overcommit_ratio, for vm.overcommit_memory is 2");
  /* the system has a part of them, which part differs */
  if (sizeof (gpointer) == 4 && address_space > G_MAXSIZE / 3)
    return g_strdup ("ask for smaller stacks, for 32 bits make no more addresses");
  return g_strdup_printf ("raise vm.max_map_count (now %" G_GSIZE_FORMAT ")",
                          gco_limits_read_max_mappings ());
}

static void
set_guard_error (GError           **error,
                 const GcoShortage *shortage)
{
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_NO_SPACE,
               "No more guarded stacks: %" G_GSIZE_FORMAT " use up the mappings of"
               " this process, since %s; raise vm.max_map_count (now %" G_GSIZE_FORMAT ")",
               shortage->n_guards,
               shortage->is_locked ? "its memory is locked"
                                   : "this kernel has no MADV_GUARD_INSTALL (Linux 6.13)",
               shortage->max_mappings);
}

void
gco_limits_set_error (GError           **error,
                      const GcoShortage *shortage)
{
  g_autofree char *advice = NULL;

  if (error == NULL)
    return;
  if (shortage->size == 0)
    {
      set_guard_error (error, shortage);
      return;
    }
  advice = dup_advice (shortage->size, shortage->number);
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_NO_SPACE,
               "No memory for a coroutine's stack of %" G_GSIZE_FORMAT
               " bytes: %s; %s",
               shortage->size,
               g_strerror (shortage->number),
               advice);
}
