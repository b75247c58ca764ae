/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-debug-private.h"

#include <stdio.h>

#include "gco-fatal-private.h"
#include "gco-frames-private.h"

/* Those that each switch asks about. */
#define EACH_SWITCH \
 (GCO_DEBUG_GLIB | GCO_DEBUG_FP | GCO_DEBUG_FRAMES | GCO_DEBUG_STACK_USAGE)

/* Of the frames that are giving back what is below them. */
#define OWN_FRAMES 1024

static const GDebugKey words[] = {
  { "glib", GCO_DEBUG_GLIB },
  { "fp", GCO_DEBUG_FP },
  { "frames", GCO_DEBUG_FRAMES },
  { "stack-usage", GCO_DEBUG_STACK_USAGE },
  { "overflow", GCO_DEBUG_OVERFLOW },
  { "leaks", GCO_DEBUG_LEAKS },
  { "dump-signal", GCO_DEBUG_DUMP_SIGNAL },
};

/* Of a word that is misspelt nothing would be seen. Not by a log writer: this may be a
 * coroutine's stack. */
static void
name_unknown_words (const char *text)
{
  g_auto (GStrv) given = g_strsplit_set (text, ":;, \t", -1);

  for (char **word = given; *word != NULL; word++)
    if (**word != '\0' && g_ascii_strcasecmp (*word, "all") != 0 &&
        g_ascii_strcasecmp (*word, "help") != 0 &&
        g_parse_debug_string (*word, words, G_N_ELEMENTS (words)) == 0)
      fprintf (stderr, "libgco: GCO_DEBUG has no word \"%s\", see GCO_DEBUG=help\n", *word);
}

static guint
debug_flags (void)
{
  static gsize flags; /* bit 16: looked up */

  if (g_once_init_enter (&flags))
    {
      const char *text = g_getenv ("GCO_DEBUG");
      guint       found = g_parse_debug_string (text, words, G_N_ELEMENTS (words));

      if (text != NULL)
        name_unknown_words (text);
      g_once_init_leave (&flags, found | (1 << 16));
    }
  return (guint) flags & 0xffff;
}

static guint
fp_control (void)
{
#if defined(__x86_64__)
  guint mxcsr = 0;

  __asm__ volatile("stmxcsr %0"
                   : "=m"(mxcsr));
  return mxcsr & 0xffc0; /* without the sticky exception flags */
#elif defined(__i386__)
  guint16 control = 0;

  __asm__ volatile("fnstcw %0"
                   : "=m"(control));
  return control;
#elif defined(__aarch64__)
  gulong fpcr = 0;

  __asm__ volatile("mrs %0, fpcr"
                   : "=r"(fpcr));
  return (guint) fpcr;
#else
  return 0;
#endif
}

gboolean
gco_debug_has (GcoDebugFlags flag)
{
  return (debug_flags () & flag) != 0;
}

gboolean
gco_debug_is_on (void)
{
  return gco_debug_has (EACH_SWITCH);
}

void
gco_debug_enter (GcoCoroutine *coroutine)
{
  coroutine->entered_default = g_main_context_get_thread_default ();
  coroutine->entered_depth = g_main_depth ();
  coroutine->entered_fp = fp_control ();
}

static const char *
language_on_stack (guint flags)
{
  return flags & GCO_DEBUG_FRAMES ? gco_frames_find_language () : NULL;
}

#define HOW_TO                                                               \
 "what a coroutine calls or emits runs on its stack, unless it goes through" \
 " gco_coroutine_call_outside()"

void
gco_debug_leave (GcoCoroutine *coroutine)
{
  guint       flags = debug_flags ();
  const char *language = language_on_stack (flags);

  coroutine->since = gco_ticks_of_ns (g_get_monotonic_time () * 1000);
  if (language != NULL)
    gco_fatal ("coroutine %s suspends with frames of %s on its stack: " HOW_TO,
               gco_coroutine_describe (coroutine),
               language);

  if ((flags & GCO_DEBUG_GLIB) &&
      coroutine->entered_default != (gpointer) g_main_context_get_thread_default ())
    gco_fatal ("coroutine %s changed the thread-default GMainContext and "
               "suspends without undoing it",
               gco_coroutine_describe (coroutine));
  if ((flags & GCO_DEBUG_GLIB) && coroutine->entered_depth != g_main_depth ())
    gco_fatal ("coroutine %s suspends while it iterates a GMainContext",
               gco_coroutine_describe (coroutine));
  if ((flags & GCO_DEBUG_FP) && coroutine->entered_fp != fp_control ())
    gco_fatal ("coroutine %s changed the floating-point modes and suspends "
               "without undoing it",
               gco_coroutine_describe (coroutine));
}

void
gco_debug_end (GcoCoroutine *coroutine)
{
  char *here = __builtin_frame_address (0);

  gco_debug_leave (coroutine);
  if (debug_flags () & GCO_DEBUG_STACK_USAGE)
    gco_stack_give_back (&coroutine->stack, here - OWN_FRAMES);
}

gboolean
gco_debug_refuse_wait (GcoCoroutine *coroutine,
                       GError      **error)
{
  const char *language = language_on_stack (debug_flags ());

  if (G_LIKELY (language == NULL))
    return FALSE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_WOULD_BLOCK,
               "Coroutine %s cannot wait with frames of %s on its stack: " HOW_TO,
               gco_coroutine_describe (coroutine),
               language);
  return TRUE;
}

void
gco_debug_called_by_language (const char *caller)
{
  GcoCoroutine *self = gco_coroutine_self ();
  const char   *language;

  if (G_LIKELY (self == NULL))
    return;
  language = language_on_stack (debug_flags ());
  if (language != NULL)
    g_critical ("%s: called by %s on the stack of coroutine %s: " HOW_TO,
                caller,
                language,
                gco_coroutine_describe (self));
}
