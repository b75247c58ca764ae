/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

typedef struct
{
  GcoAioContext *ctx;
  GcoQueue       kept_out;
  gboolean       is_drained;
  int            n_in_flight;
  int            n_done;
} Disk;

static void gco_coroutine_fn
request (gpointer user_data)
{
  Disk *disk = user_data;

  while (disk->is_drained)
    gco_queue_wait (&disk->kept_out, NULL);
  disk->n_in_flight++;
  g_print ("a request begins\n");
  gco_sleep_ns (NULL, 1000000);
  g_print ("it ends\n");
  disk->n_in_flight--;
  disk->n_done++;
}

static void
drained_begin (Disk *disk)
{
  disk->is_drained = TRUE;
  while (disk->n_in_flight > 0)
    gco_aio_context_poll (disk->ctx, TRUE);
}

static void
drained_end (Disk *disk)
{
  disk->is_drained = FALSE;
  gco_queue_restart_all (&disk->kept_out);
}

int
main (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Disk disk = { .ctx = ctx };

  gco_spawn (ctx, request, &disk, NULL);
  gco_aio_context_poll (ctx, TRUE);
  drained_begin (&disk);
  gco_spawn (ctx, request, &disk, NULL);
  while (gco_aio_context_poll (ctx, FALSE))
    ;
  g_print ("drained\n");
  drained_end (&disk);
  while (disk.n_done < 2)
    gco_aio_context_poll (ctx, TRUE);
  return 0;
}
