/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#include "image.h"
#include "progress.h"

/* A folder to look into. */
typedef struct
{
  GFile   *folder;
  char    *name;         /* as it was given */
  gboolean may_be_empty; /* was not asked for by itself */
  guint    n_images;     /* that made it onto the sheet */
} Root;

typedef struct
{
  GPtrArray *roots;  /* of Root */
  GPtrArray *images; /* of Image, in the order of their names */
  guint      n_promising;
  guint      n_folders;
} Finding;

Finding *finding_new (void);
void     finding_free (Finding *finding);
void     finding_add_root (Finding    *finding,
                           const char *name);

/* Forgets files whose names are not those of images. */
void finding_keep_promising (Finding *finding);

gboolean gco_coroutine_fn find_images (Finding      *finding,
                                       GFile        *except,
                                       Progress     *progress,
                                       GCancellable *cancellable,
                                       GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Finding, finding_free)
