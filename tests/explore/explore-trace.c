/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happened in a run, and how it looks as columns. */

#include <stdio.h>
#include <string.h>

#include "explore-memo.h"
#include "explore.h"

#define MAX_ENTRIES (2 * EXPLORE_MAX_STEPS)

typedef struct
{
  guint                step;
  int                  actor;
  const char          *task;
  ExploreSite         *site; /* NULL: a note */
  const volatile void *address;
  guintptr             before;
  guintptr             now;
  char                *note;
} Entry;

static Entry entries[MAX_ENTRIES];
static guint n_entries;

void
explore_trace_reset (void)
{
  for (guint i = 0; i < n_entries; i++)
    g_clear_pointer (&entries[i].note, g_free);
  n_entries = 0;
}

static guint64
number_of (const Entry *entry)
{
  return ((guint64) entry->actor * 4096 + (guint64) entry->site->line) * 64 +
         (guint64) entry->site->kind * 2 + (entry->before == entry->now);
}

void
explore_trace_add (guint                step,
                   int                  actor,
                   ExploreSite         *site,
                   const volatile void *address,
                   guintptr             before,
                   guintptr             now)
{
  if (n_entries == MAX_ENTRIES)
    return;
  entries[n_entries++] = (Entry){
    step, actor, explore_task_name (), site, address, before, now, NULL
  };
  explore_memo_happens (number_of (&entries[n_entries - 1]));
}

guint64
explore_trace_hash (void)
{
  guint64 hash = 0;

  for (guint i = 0; i < n_entries; i++)
    if (entries[i].site != NULL)
      {
        hash ^= number_of (&entries[i]);
        hash *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
      }
  return hash;
}

void
explore_trace_note (guint step,
                    int   actor,
                    char *text)
{
  if (n_entries == MAX_ENTRIES)
    {
      g_free (text);
      return;
    }
  entries[n_entries++] = (Entry){
    .step = step, .actor = actor, .task = explore_task_name (), .note = text
  };
}

/* ------------------------------------------------------------------ columns */

static const char *
last_word (const char *expression)
{
  const char *arrow = strrchr (expression, '>');
  const char *word = arrow != NULL ? arrow + 1 : expression;

  return *word == '&' ? word + 1 : word;
}

static void
append_place (GString     *line,
              const Entry *entry)
{
  gconstpointer start;
  const char   *owner = explore_name_at ((gconstpointer) entry->address, &start);

  if (owner != NULL)
    g_string_append_printf (line, "%s.", owner);
  g_string_append (line, last_word (entry->site->name));
}

static void
append_value (GString     *line,
              const Entry *entry,
              guintptr     value)
{
  static const char *const notify[] = { "AWAKE", "ASLEEP", "NOTIFIED" };
  static const char *const wait[] = {
    "WAITING", "GRANTED", "CANCELLED", "LEAVING", "DETACHED", "PINNED", "PINNED_CANCELLED"
  };
  gconstpointer start;
  const char   *name = explore_name_at ((gconstpointer) (value & ~(guintptr) 7), &start);

  if (strstr (entry->site->name, "notify_state") != NULL && value < 3)
    g_string_append (line, notify[value]);
  else if (strcmp (entry->site->func, "gco_wait_state_change") == 0 &&
           value < G_N_ELEMENTS (wait))
    g_string_append (line, wait[value]);
  else if (strstr (entry->site->name, "scheduled") != NULL && value != 0)
    g_string_append (line, (const char *) value);
  else if (name != NULL && value >= 4096)
    {
      gsize offset = value - (guintptr) start;

      if (offset < 8)
        g_string_append_printf (line, offset ? "%s|%d" : "%s", name, (int) offset);
      else
        g_string_append_printf (line, "%s+%d", name, (int) offset);
    }
  else if (value < 4096)
    g_string_append_printf (line, "%d", (int) value);
  else
    g_string_append (line, "*");
}

static void
append_event (GString     *line,
              const Entry *entry)
{
  static const char *const words[EXPLORE_KICK + 1] = {
    [EXPLORE_READ] = "reads ",
    [EXPLORE_CONNECT] = "connects to ",
    [EXPLORE_DISCONNECT] = "disconnects from ",
    [EXPLORE_MUTEX_LOCK] = "locks ",
    [EXPLORE_MUTEX_UNLOCK] = "unlocks ",
    [EXPLORE_UNREF] = "unrefs ",
    [EXPLORE_PAUSE] = "gives way",
    [EXPLORE_SLEEP] = "sleeps on ",
    [EXPLORE_KICK] = "kicks ",
  };
  ExploreSite *site = entry->site;

  if (entry->note != NULL)
    {
      g_string_append (line, entry->note);
      return;
    }
  g_string_append_printf (line, "%s: ", site->func);
  if (words[site->kind] != NULL)
    g_string_append (line, words[site->kind]);
  if (site->kind != EXPLORE_PAUSE)
    append_place (line, entry);
  if (site->kind > EXPLORE_COMPARE_RELEASE)
    return;
  g_string_append_c (line, ' ');
  append_value (line, entry, entry->before);
  if (site->kind == EXPLORE_READ)
    return;
  if (site->kind >= EXPLORE_COMPARE && entry->before == entry->now)
    {
      g_string_append (line, ", no");
      return;
    }
  g_string_append (line, " -> ");
  append_value (line, entry, entry->now);
}

void
explore_trace_print (FILE *stream,
                     int   n_actors)
{
  int width = n_actors > 2 ? 46 : 62;

  fprintf (stream, "#  step  ");
  for (int i = 0; i < n_actors; i++)
    fprintf (stream, "%-*c", width, 'A' + i);
  fprintf (stream, "\n");
  for (guint i = 0; i < n_entries; i++)
    {
      const Entry *entry = &entries[i];
      GString     *line = g_string_new (NULL);

      if (entry->task != NULL)
        g_string_append_printf (line, "[%s] ", entry->task);
      append_event (line, entry);
      fprintf (stream, "# %5u  %*s%s\n", entry->step, entry->actor * width, "", line->str);
      g_string_free (line, TRUE);
    }
}
