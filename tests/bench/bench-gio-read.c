/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two send each other a byte through pipes, each waiting in an asynchronous read of
 * GIO that is pending then. */

#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "bench-gio-work.h"

typedef struct _Talk Talk;

typedef struct
{
  Talk         *talk;
  GInputStream *in;
  int           out;
  char          byte;
} Talker;

struct _Talk
{
  Work   work;
  Talker talkers[2];
};

static gboolean
talk_init (Talk    *self,
           unsigned n)
{
  work_init (&self->work, n, 2);
  for (int i = 0; i < 2; i++)
    {
      int ends[2];

      if (pipe (ends) != 0)
        return FALSE;
      self->talkers[i].talk = self;
      self->talkers[i].in = g_unix_input_stream_new (ends[0], TRUE);
      self->talkers[1 - i].out = ends[1];
    }
  return TRUE;
}

static void
talk_clear (Talk *self)
{
  for (int i = 0; i < 2; i++)
    {
      g_object_unref (self->talkers[i].in);
      close (self->talkers[i].out);
    }
}

static gboolean
say (Talker *talker)
{
  return write (talker->out, "", 1) == 1;
}

/* ----------------------------------------------------------------------- awaiting */

static void
talk_body (gpointer user_data)
{
  Talk    *self = user_data;
  unsigned number = work_begin (&self->work);
  Talker  *talker = &self->talkers[number];
  GcoAwait await = GCO_AWAIT_INIT;

  if (number == 0)
    say (talker);
  for (unsigned i = 0; i < self->work.each; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      g_input_stream_read_async (talker->in,
                                 &talker->byte,
                                 1,
                                 G_PRIORITY_DEFAULT,
                                 NULL,
                                 gco_await_ready,
                                 &await);
      result = gco_await (&await);
      self->work.count += g_input_stream_read_finish (talker->in, result, NULL) == 1;
      say (talker);
    }
  work_end (&self->work);
}

double
gco_read (unsigned n,
          unsigned size)
{
  Talk   self = { 0 };
  double ns;

  if (!talk_init (&self, n))
    return -1;
  ns = work_run_coroutines (&self.work, talk_body);
  talk_clear (&self);
  return ns;
}

/* ---------------------------------------------------------------------- callbacks */

static void listen_on (Talker *talker);

static void
on_read (GObject      *source_object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Talker *talker = user_data;
  Work   *work = &talker->talk->work;

  work->count += g_input_stream_read_finish (talker->in, result, NULL) == 1;
  say (talker);
  if (work->count + work->left <= work->total)
    listen_on (talker);
  else
    work_end (work);
}

static void
listen_on (Talker *talker)
{
  g_input_stream_read_async (talker->in,
                             &talker->byte,
                             1,
                             G_PRIORITY_DEFAULT,
                             NULL,
                             on_read,
                             talker);
}

static void
begin (Work *work)
{
  Talk    *self = (Talk *) work;
  unsigned number = work->begun++;

  listen_on (&self->talkers[number]);
  if (number == 0)
    say (&self->talkers[number]);
}

double
gio_read (unsigned n,
          unsigned size)
{
  Talk   self = { 0 };
  double ns;

  if (!talk_init (&self, n))
    return -1;
  ns = work_run (&self.work, begin);
  talk_clear (&self);
  return ns;
}
