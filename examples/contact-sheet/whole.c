/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether an image file is all there. gdk-pixbuf shows what it has of a PNG, a
 * JPEG, a BMP or an icon that ends in the middle, and calls that a success; the
 * other formats it does check.
 */

#include "whole.h"

#include <string.h>

static guint32
get_be (const guint8 *p,
        guint         n_bytes)
{
  guint32 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value = value << 8 | p[i];
  return value;
}

static guint32
get_le (const guint8 *p,
        guint         n_bytes)
{
  guint32 value = 0;

  while (n_bytes > 0)
    value = value << 8 | p[--n_bytes];
  return value;
}

static gboolean
png_is_whole (const guint8 *data,
              gsize         size)
{
  guint64 pos = 8;

  while (pos + 12 <= size)
    {
      if (memcmp (data + pos + 4, "IEND", 4) == 0)
        return TRUE;
      pos += 12 + (guint64) get_be (data + pos, 4);
    }
  return FALSE;
}

static gboolean
jpeg_marker_has_length (guint8 marker)
{
  return marker != 0x00 && marker != 0x01 && (marker < 0xd0 || marker > 0xd8);
}

static gboolean
jpeg_is_whole (const guint8 *data,
               gsize         size)
{
  gsize pos = 2;

  /* From marker to marker: one that has a length is jumped over, for it may hold
   * a smaller image with an end of its own. Between them lie pixels. */
  while (pos < size)
    {
      const guint8 *ff = memchr (data + pos, 0xff, size - pos);
      gsize         at = ff != NULL ? (gsize) (ff - data) + 1 : size;

      while (at < size && data[at] == 0xff)
        at++;
      if (at >= size)
        return FALSE;
      if (data[at] == 0xd9)
        return TRUE;
      pos = at + 1;
      if (jpeg_marker_has_length (data[at]) && pos + 2 <= size)
        pos += get_be (data + pos, 2);
    }
  return FALSE;
}

static gboolean
bmp_is_whole (const guint8 *data,
              gsize         size)
{
  guint64 stride, height;
  gint32  signed_height;

  if (size < 54)
    return FALSE;
  if (get_le (data + 14,
              4) < 40 ||
      (get_le (data + 30, 4) != 0 && get_le (data + 30, 4) != 3))
    return TRUE; /* of an older kind, or compressed: not to be told from outside */

  signed_height = (gint32) get_le (data + 22, 4);
  height = (guint64) ABS ((gint64) signed_height);
  stride = ((guint64) get_le (data + 18, 4) * get_le (data + 28, 2) + 31) / 32 * 4;
  return get_le (data + 10, 4) + stride * height <= size;
}

static gboolean
ico_is_whole (const guint8 *data,
              gsize         size)
{
  guint n_icons = size >= 6 ? get_le (data + 4, 2) : 0;

  if (size < 6 + 16 * (gsize) n_icons)
    return FALSE;
  for (guint i = 0; i < n_icons; i++)
    {
      const guint8 *entry = data + 6 + 16 * i;

      if ((guint64) get_le (entry + 8, 4) + get_le (entry + 12, 4) > size)
        return FALSE;
    }
  return TRUE;
}

gboolean
is_whole (const char   *format,
          const guint8 *data,
          gsize         size)
{
  static const struct
  {
    const char *format;
    gboolean (*check) (const guint8 *data, gsize size);
  } checks[] = {
    { "png", png_is_whole },
    { "jpeg", jpeg_is_whole },
    { "bmp", bmp_is_whole },
    { "ico", ico_is_whole },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (strcmp (checks[i].format, format) == 0)
      return checks[i].check (data, size);
  return TRUE;
}
