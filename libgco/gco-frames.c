/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* dladdr */
#endif

#include "gco-frames-private.h"

#include "gco-config.h"

#include <string.h>

#if HAVE_BACKTRACE
# include <dlfcn.h>
# include <execinfo.h>
#endif

/* An interpreter that calls back has at least its glue among the innermost ones. */
#define MAX_FRAMES 128

#if HAVE_BACKTRACE

/* How the files begin that the interpreters, and what binds them to GLib, are in. */
static const char *const languages[] = {
  "libpython",
  "python3",
  "_gi.",
  "libgjs",
  "libmozjs",
  "libjavascriptcoregtk",
  "libluajit",
  "liblua5",
  "libperl",
  "libruby",
};

static const char *
language_of (gpointer address)
{
  Dl_info     info;
  const char *slash;
  const char *name;

  if (dladdr (address, &info) == 0 || info.dli_fname == NULL)
    return NULL;
  slash = strrchr (info.dli_fname, '/');
  name = slash != NULL ? slash + 1 : info.dli_fname;
  for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
    if (g_str_has_prefix (name, languages[i]))
      return name;
  return NULL;
}

const char *
gco_frames_find_language (void)
{
  gpointer frames[MAX_FRAMES];
  int      n_frames = backtrace (frames, MAX_FRAMES);

  for (int i = 0; i < n_frames; i++)
    {
      const char *name = language_of (frames[i]);

      if (name != NULL)
        return name;
    }
  return NULL;
}

#else

const char *
gco_frames_find_language (void)
{
  return NULL;
}

#endif
