/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An animation beside 1,000 coroutines that always have something to do, or beside two
 * asynchronous functions that hand a mutex to and fro: no frame is late, and no click
 * has to wait, that would not without them.
 *
 * What is late is told by a comparison with the same window left alone, just
 * before. The machine may have other things to do: the time for which it let this
 * thread wait for a processor does not count, and there are a few tries.
 */

#include "gco-test.h"

#include <X11/Xlib.h>
#include <X11/extensions/XTest.h>
#include <fcntl.h>
#include <gtk/gtk.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define SIZE 200

#define WARM_UP 20
#define FRAMES 200
#define COROUTINES 1000
#define FUNCTIONS 2
#define WORK_US 50
#define CLICK_EVERY_US 20000

#define LATE_US 50000
#define GIVE_UP_US (8 * G_USEC_PER_SEC)
#define TRIES 3

typedef struct
{
  guint  n;
  guint  n_late;
  gint64 longest; /* us */
  gint64 sum;
} Times;

/* What there is to do beside the animation. */
typedef struct
{
  const char *name;
  guint       n; /* of them; at most COROUTINES */
  int         priority;
  GSource *(*start) (int priority);
} Load;

typedef struct
{
  guint    n_frames; /* with those of the warm-up */
  gint64   last;
  Times    frames; /* from one to the next */
  Times    clicks; /* from the pointer device to the window */
  gboolean stop;
  guint    n_running;
  guint    n_rounds[COROUTINES];
} Run;

static Run *run;
static int  schedstat; /* of the main thread, or -1 */

/* Of the time in which the main thread ran, or had nothing to do. Any thread. */
static gint64
get_time (void)
{
  gint64  now = g_get_monotonic_time ();
  guint64 ran;
  guint64 waited;
  char    text[64];
  gssize  size = pread (schedstat, text, sizeof text - 1, 0);

  if (size <= 0)
    return now;
  text[size] = '\0';
  if (sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &ran, &waited) != 2)
    return now;
  return now - (gint64) (waited / 1000);
}

static void
take_time (Times *times,
           gint64 us)
{
  us = MAX (us, 0);
  times->n++;
  times->n_late += us > LATE_US;
  times->longest = MAX (times->longest, us);
  times->sum += us;
}

/* ------------------------------------------------------------------- the window */

static void
draw (GtkDrawingArea *area,
      cairo_t        *cr,
      int             width,
      int             height,
      gpointer        user_data)
{
  gint64 now = get_time ();
  double angle = run->n_frames * 0.1;

  if (run->n_frames++ > WARM_UP)
    take_time (&run->frames, now - run->last);
  run->last = now;

  cairo_translate (cr, width / 2.0, height / 2.0);
  cairo_move_to (cr, 0, 0);
  cairo_line_to (cr, width / 2.0 * cos (angle), height / 2.0 * sin (angle));
  cairo_set_line_width (cr, 10);
  cairo_stroke (cr);
}

static gboolean
tick (GtkWidget     *area,
      GdkFrameClock *clock,
      gpointer       user_data)
{
  gtk_widget_queue_draw (area);
  return G_SOURCE_CONTINUE;
}

/* -------------------------------------------------------------- who clicks in it */

typedef struct
{
  GAsyncQueue *end;
  GMutex       lock;
  gint64       sent; /* (lock) a click that was not seen yet, or 0 */
} Clicker;

static gint64
exchange_sent (Clicker *clicker,
               gint64   sent)
{
  gint64 before;

  g_mutex_lock (&clicker->lock);
  before = clicker->sent;
  clicker->sent = sent;
  g_mutex_unlock (&clicker->lock);
  return before;
}

static void
pressed (GtkGestureClick *gesture,
         int              n_press,
         double           x,
         double           y,
         gpointer         user_data)
{
  gint64 sent = exchange_sent (user_data, 0);

  if (sent != 0)
    take_time (&run->clicks, get_time () - sent);
}

static gboolean
was_seen (Clicker *clicker)
{
  gboolean seen;

  g_mutex_lock (&clicker->lock);
  seen = clicker->sent == 0;
  g_mutex_unlock (&clicker->lock);
  return seen;
}

/* A thread with its own way to the X server, as a hand would have. */
static gpointer
click (gpointer data)
{
  Clicker *clicker = data;
  Display *display = XOpenDisplay (NULL);

  g_assert_nonnull (display);
  XTestFakeMotionEvent (display, -1, SIZE / 2, SIZE / 2, CurrentTime);
  while (g_async_queue_timeout_pop (clicker->end, CLICK_EVERY_US) == NULL)
    {
      if (!was_seen (clicker))
        continue;
      exchange_sent (clicker, get_time ());
      XTestFakeButtonEvent (display, 1, True, CurrentTime);
      XTestFakeButtonEvent (display, 1, False, CurrentTime);
      XSync (display, False);
    }
  XCloseDisplay (display);
  return NULL;
}

static GtkWidget *
window_new (Clicker *clicker)
{
  GtkWidget  *window = gtk_window_new ();
  GtkWidget  *area = gtk_drawing_area_new ();
  GtkGesture *gesture = gtk_gesture_click_new ();

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), SIZE, SIZE);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw, NULL, NULL);
  gtk_widget_add_tick_callback (area, tick, NULL, NULL);
  g_signal_connect (gesture, "pressed", G_CALLBACK (pressed), clicker);
  gtk_widget_add_controller (area, GTK_EVENT_CONTROLLER (gesture));
  gtk_window_set_child (GTK_WINDOW (window), area);
  return window;
}

/* ------------------------------------------------------------------- what is to do */

static void
work_once (guint *n_rounds)
{
  gint64 end = g_get_monotonic_time () + WORK_US;

  while (g_get_monotonic_time () < end)
    ;
  (*n_rounds)++;
}

static void
work (gpointer user_data)
{
  while (!run->stop)
    {
      work_once (user_data);
      gco_test_pass ();
    }
  run->n_running--;
}

/* Destroy it when the coroutines have ended. */
static GSource *
start_coroutines (int priority)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  GSource *source = gco_aio_context_dup_source (ctx);

  g_source_set_priority (source, priority);
  g_source_attach (source, NULL);
  for (guint i = 0; i < COROUTINES; i++)
    g_assert_nonnull (gco_spawn (ctx, work, &run->n_rounds[i], NULL));
  run->n_running = COROUTINES;
  return source;
}

static GcoAsyncMutex *mutex;

static void on_locked (GObject      *source_object,
                       GAsyncResult *result,
                       gpointer      user_data);

static gboolean
go_on (gpointer n_rounds)
{
  work_once (n_rounds);
  if (!run->stop)
    gco_async_mutex_lock_async (mutex, NULL, on_locked, n_rounds);
  else
    run->n_running--;
  gco_async_mutex_unlock (mutex, NULL);
  return G_SOURCE_REMOVE;
}

/* An await goes on in a source of its own, as it does in GJS. */
static void
on_locked (GObject      *source_object,
           GAsyncResult *result,
           gpointer      n_rounds)
{
  g_assert_true (gco_async_mutex_lock_finish (mutex, result, NULL));
  g_idle_add_full (-1000, go_on, n_rounds, NULL);
}

static GSource *
start_functions (int priority)
{
  mutex = gco_async_mutex_new ();
  for (guint i = 0; i < FUNCTIONS; i++)
    gco_async_mutex_lock_async (mutex, NULL, on_locked, &run->n_rounds[i]);
  run->n_running = FUNCTIONS;
  return NULL;
}

static void
stop_load (GSource *source)
{
  run->stop = TRUE;
  while (run->n_running > 0)
    g_main_context_iteration (NULL, TRUE);
  if (source != NULL)
    g_source_destroy (source);
  g_clear_pointer (&source, g_source_unref);
  g_clear_object (&mutex);
}

/* --------------------------------------------------------------- what is measured */

static gboolean
never_mind (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Iterates until there were @n_frames, but not for longer than @most_us. */
static void
watch (guint  n_frames,
       gint64 most_us)
{
  gint64 end = g_get_monotonic_time () + most_us;
  /* at which time there is an iteration */
  guint timer = g_timeout_add (1000, never_mind, NULL);

  while (run->n_frames < n_frames && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

/* The window alone if @load is NULL. */
static void
measure (Run        *this_run,
         const Load *load)
{
  Clicker    clicker = { .end = g_async_queue_new () };
  GtkWidget *window = window_new (&clicker);
  GSource   *source;
  GThread   *thread;
  gint64     sent;

  *this_run = (Run){ .n_frames = 0 };
  run = this_run;
  g_mutex_init (&clicker.lock);
  gtk_window_present (GTK_WINDOW (window));
  watch (WARM_UP, GIVE_UP_US);
  thread = g_thread_new ("clicks", click, &clicker);
  source = load != NULL ? load->start (load->priority) : NULL;
  watch (WARM_UP + FRAMES, GIVE_UP_US);

  /* One that still has not come is late by now, if it is. */
  take_time (&run->frames, get_time () - run->last);
  sent = exchange_sent (&clicker, 0);
  if (sent != 0)
    take_time (&run->clicks, get_time () - sent);
  g_async_queue_push (clicker.end, &clicker);
  g_thread_join (thread);
  if (load != NULL)
    stop_load (source);
  gtk_window_destroy (GTK_WINDOW (window));
  g_async_queue_unref (clicker.end);
  g_mutex_clear (&clicker.lock);
  g_test_message ("%s: %u frames, mean %.1f ms, longest %.1f ms, %u late;"
                  " %u clicks, mean %.1f ms, longest %.1f ms, %u late",
                  load != NULL ? load->name : "alone",
                  run->frames.n - 1,
                  run->frames.sum / 1e3 / run->frames.n,
                  run->frames.longest / 1e3,
                  run->frames.n_late,
                  run->clicks.n,
                  run->clicks.sum / 1e3 / MAX (run->clicks.n, 1),
                  run->clicks.longest / 1e3,
                  run->clicks.n_late);
}

/* --------------------------------------------------------------------- the tests */

static gboolean
no_later (const Times *busy,
          const Times *alone)
{
  return busy->n_late <= alone->n_late && busy->longest <= MAX (alone->longest, LATE_US);
}

/* How often the one has run that has run least. */
static guint
get_least_rounds (const Run *busy,
                  guint      n)
{
  guint least = G_MAXUINT;
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    {
      least = MIN (least, busy->n_rounds[i]);
      sum += busy->n_rounds[i];
    }
  g_test_message ("%u rounds, %u at least of each", sum, least);
  return least;
}

static void
compare (gconstpointer test_data)
{
  const Load *load = test_data;
  gboolean    frames_fine = FALSE;
  gboolean    clicks_fine = FALSE;

  for (int i = 0; i < TRIES && !(frames_fine && clicks_fine); i++)
    {
      Run alone;
      Run busy;

      measure (&alone, NULL);
      measure (&busy, load);
      g_assert_cmpuint (alone.n_frames, ==, WARM_UP + FRAMES);
      g_assert_cmpuint (alone.clicks.n, >, 20);
      g_assert_cmpuint (busy.clicks.n, >, 20);
      g_assert_cmpuint (get_least_rounds (&busy, load->n), >=, 2);
      frames_fine = busy.n_frames == alone.n_frames && no_later (&busy.frames, &alone.frames);
      clicks_fine = no_later (&busy.clicks, &alone.clicks);
    }
  g_assert_true (frames_fine);
  g_assert_true (clicks_fine);
}

/* At the default priority, a context sits out an iteration now and then. */
static const Load loads[] = {
  { "below-redraw", COROUTINES, GDK_PRIORITY_REDRAW + 10, start_coroutines },
  { "default-priority", COROUTINES, G_PRIORITY_DEFAULT, start_coroutines },
  { "functions", FUNCTIONS, G_PRIORITY_DEFAULT, start_functions },
};

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gtk_init ();
  schedstat = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  for (guint i = 0; i < G_N_ELEMENTS (loads); i++)
    {
      g_autofree char *path = g_strdup_printf ("/redraw/%s", loads[i].name);

      g_test_add_data_func (path, &loads[i], compare);
    }
  return g_test_run ();
}
