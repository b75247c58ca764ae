/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-partner-line.h"

/* Nobody asks for so long, and somebody is there: a lock was lost. */
#define STUCK_SECONDS 10

typedef enum
{
  WAITS,
  CANCELLED, /* it may have been granted before that, or not */
  PASSED,    /* cancelled, and one behind it had everything: it was not */
  HOLDS,
} State;

typedef struct
{
  guint         number;
  State         state;
  guint         weight;
  char         *name;
  GCancellable *cancellable;
} Ticket;

/**
 * GcoPartnerLine:
 *
 * The tickets of one lock that are neither given back nor given up, in the order in
 * which they were drawn. A lock has a capacity, and whoever holds it takes a part of
 * that: all of it for a mutex and a writer, one of it for a permit and a reader. The
 * line is kept if a holder, those who hold beside it and those who wait in front of it
 * fit together; for those in front must have been granted theirs before.
 */
struct _GcoPartnerLine
{
  GObject parent_instance;

  guint       capacity;
  GRand      *rand;
  GQueue      tickets;
  guint       n_asked;
  guint       n_granted;
  guint       n_cancelled;
  char       *complaint; /* the first */
  GHashTable *shares;    /* name: grants */
  guint       watch;
  guint       n_seen; /* of n_asked, by the watch */
};

G_DEFINE_FINAL_TYPE (GcoPartnerLine, gco_partner_line, G_TYPE_OBJECT)

static void
ticket_free (gpointer data)
{
  Ticket *ticket = data;

  g_clear_object (&ticket->cancellable);
  g_free (ticket->name);
  g_free (ticket);
}

static void
gco_partner_line_finalize (GObject *object)
{
  GcoPartnerLine *self = GCO_PARTNER_LINE (object);

  g_source_remove (self->watch);
  g_queue_clear_full (&self->tickets, ticket_free);
  g_rand_free (self->rand);
  g_free (self->complaint);
  g_hash_table_unref (self->shares);
  G_OBJECT_CLASS (gco_partner_line_parent_class)->finalize (object);
}

static void
gco_partner_line_class_init (GcoPartnerLineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gco_partner_line_finalize;
}

/* Else a test would hang, and not say why. */
static gboolean
look (gpointer user_data)
{
  static const char *states[] = { "waits", "is cancelled", "was passed", "holds" };
  GcoPartnerLine    *self = user_data;

  if (self->tickets.length == 0 || self->n_seen != self->n_asked)
    {
      self->n_seen = self->n_asked;
      return G_SOURCE_CONTINUE;
    }
  for (GList *link = self->tickets.head; link != NULL; link = link->next)
    {
      Ticket *ticket = link->data;

      g_printerr ("ticket %u of %s %s\n", ticket->number, ticket->name, states[ticket->state]);
    }
  g_error ("The line does not move any more. %s",
           self->complaint != NULL ? self->complaint : "");
}

static void
gco_partner_line_init (GcoPartnerLine *self)
{
  g_queue_init (&self->tickets);
  self->watch = g_timeout_add_seconds (STUCK_SECONDS, look, self);
  self->shares = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * gco_partner_line_new:
 * @capacity: what can be held together
 * @seed: of all chance
 *
 * Makes an empty line.
 *
 * Returns: (transfer full): a line
 */
GcoPartnerLine *
gco_partner_line_new (guint capacity,
                      guint seed)
{
  GcoPartnerLine *self = g_object_new (GCO_PARTNER_TYPE_LINE, NULL);

  self->capacity = capacity;
  self->rand = g_rand_new_with_seed (seed);
  return self;
}

static void G_GNUC_PRINTF (2, 3)
    complain (GcoPartnerLine *self,
              const char     *format,
              ...)
{
  va_list args;

  if (self->complaint != NULL)
    return;
  va_start (args, format);
  self->complaint = g_strdup_vprintf (format, args);
  va_end (args);
}

static GList *
find (GcoPartnerLine *self,
      guint           number)
{
  for (GList *link = self->tickets.head; link != NULL; link = link->next)
    {
      if (((Ticket *) link->data)->number == number)
        return link;
    }
  complain (self, "There is no ticket %u any more", number);
  return NULL;
}

static void
take_out (GcoPartnerLine *self,
          GList          *link)
{
  ticket_free (link->data);
  g_queue_delete_link (&self->tickets, link);
}

/**
 * gco_partner_line_ask:
 * @self: a line
 * @name: who asks
 * @weight: for how much of the capacity
 * @cancellable: (nullable): what may end the wait
 *
 * To be called just before the wait begins.
 *
 * Returns: the number of a ticket
 */
guint
gco_partner_line_ask (GcoPartnerLine *self,
                      const char     *name,
                      guint           weight,
                      GCancellable   *cancellable)
{
  Ticket *ticket = g_new (Ticket, 1);

  *ticket = (Ticket){
    .number = ++self->n_asked,
    .state = g_cancellable_is_cancelled (cancellable) ? PASSED : WAITS,
    .weight = weight,
    .name = g_strdup (name),
    .cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL,
  };
  g_queue_push_tail (&self->tickets, ticket);
  return ticket->number;
}

/* Those in front of @link that were cancelled cannot have what it has. */
static void
pass_cancelled (GList *link)
{
  while ((link = link->prev) != NULL)
    {
      Ticket *ticket = link->data;

      if (ticket->state == CANCELLED)
        ticket->state = PASSED;
    }
}

static guint64
weigh (GcoPartnerLine *self,
       GList          *link)
{
  guint64  sum = ((Ticket *) link->data)->weight;
  gboolean in_front = TRUE;

  for (GList *other = self->tickets.head; other != NULL; other = other->next)
    {
      Ticket *ticket = other->data;

      if (other == link)
        in_front = FALSE;
      else if (ticket->state == HOLDS || (in_front && ticket->state == WAITS))
        sum += ticket->weight;
    }
  return sum;
}

static void
count_grant (GcoPartnerLine *self,
             Ticket         *ticket)
{
  guint share = GPOINTER_TO_UINT (g_hash_table_lookup (self->shares, ticket->name));

  self->n_granted++;
  g_hash_table_replace (self->shares, g_strdup (ticket->name), GUINT_TO_POINTER (share + 1));
}

/**
 * gco_partner_line_got:
 * @self: a line
 * @ticket: the number of a ticket
 *
 * Its owner has the lock, from here to gco_partner_line_give_back().
 */
void
gco_partner_line_got (GcoPartnerLine *self,
                      guint           ticket)
{
  GList  *link = find (self, ticket);
  Ticket *mine;

  if (link == NULL)
    return;
  mine = link->data;
  if (mine->state == HOLDS)
    complain (self, "Ticket %u of %s was granted twice", ticket, mine->name);
  else if (mine->state == PASSED)
    complain (self, "Ticket %u of %s was cancelled, and granted", ticket, mine->name);
  else if (weigh (self, link) > self->capacity)
    complain (self, "Ticket %u of %s was granted out of its turn", ticket, mine->name);
  if (mine->weight == self->capacity)
    pass_cancelled (link);
  mine->state = HOLDS;
  g_clear_object (&mine->cancellable);
  count_grant (self, mine);
}

/**
 * gco_partner_line_gave_up:
 * @self: a line
 * @ticket: the number of a ticket
 *
 * The wait of its owner failed.
 */
void
gco_partner_line_gave_up (GcoPartnerLine *self,
                          guint           ticket)
{
  GList  *link = find (self, ticket);
  Ticket *mine;

  if (link == NULL)
    return;
  mine = link->data;
  if (mine->state != CANCELLED && mine->state != PASSED)
    complain (self, "Ticket %u of %s failed, and was not cancelled", ticket, mine->name);
  self->n_cancelled++;
  take_out (self, link);
}

/**
 * gco_partner_line_give_back:
 * @self: a line
 * @ticket: the number of a ticket
 *
 * To be called just before the lock is unlocked.
 */
void
gco_partner_line_give_back (GcoPartnerLine *self,
                            guint           ticket)
{
  GList *link = find (self, ticket);

  if (link == NULL)
    return;
  if (((Ticket *) link->data)->state != HOLDS)
    complain (self, "Ticket %u is given back, and does not hold anything", ticket);
  take_out (self, link);
}

/**
 * gco_partner_line_downgrade:
 * @self: a line
 * @ticket: the number of a ticket
 * @weight: what its owner keeps
 *
 * To be called just before a part of the lock is unlocked.
 */
void
gco_partner_line_downgrade (GcoPartnerLine *self,
                            guint           ticket,
                            guint           weight)
{
  GList *link = find (self, ticket);

  if (link != NULL)
    ((Ticket *) link->data)->weight = weight;
}

/**
 * gco_partner_line_forget:
 * @self: a line
 * @ticket: the number of a ticket
 *
 * Its owner waits, and will not fetch what it is granted.
 */
void
gco_partner_line_forget (GcoPartnerLine *self,
                         guint           ticket)
{
  GList *link = find (self, ticket);

  if (link != NULL)
    take_out (self, link);
}

/* ------------------------------------------------------------------------- chance */

static void
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/**
 * gco_partner_line_disturb:
 * @self: a line
 *
 * One time in four, cancels one of those that wait.
 */
void
gco_partner_line_disturb (GcoPartnerLine *self)
{
  g_autoptr (GCancellable) cancellable = NULL;
  guint n_seen = 0;

  if (gco_partner_line_toss (self, 4) != 0)
    return;
  for (GList *link = self->tickets.head; link != NULL; link = link->next)
    {
      Ticket *ticket = link->data;

      if (ticket->state == WAITS && ticket->cancellable != NULL &&
          gco_partner_line_toss (self, ++n_seen) == 0)
        g_set_object (&cancellable, ticket->cancellable);
    }
  if (cancellable == NULL)
    return;
  for (GList *link = self->tickets.head; link != NULL; link = link->next)
    {
      Ticket *ticket = link->data;

      if (ticket->cancellable == cancellable)
        ticket->state = CANCELLED;
    }
  gco_coroutine_call_outside (cancel, cancellable);
}

/**
 * gco_partner_line_toss:
 * @self: a line
 * @n_sides: how many
 *
 * Throws a die.
 *
 * Returns: a number from 0, less than @n_sides
 */
guint
gco_partner_line_toss (GcoPartnerLine *self,
                       guint           n_sides)
{
  return n_sides > 1 ? (guint) g_rand_int_range (self->rand, 0, (gint32) n_sides) : 0;
}

/* ------------------------------------------------------------------------ verdicts */

/**
 * gco_partner_line_get_capacity:
 * @self: a line
 *
 * Returns: what can be held together
 */
guint
gco_partner_line_get_capacity (GcoPartnerLine *self)
{
  return self->capacity;
}

/**
 * gco_partner_line_get_n_asked:
 * @self: a line
 *
 * Returns: how many tickets were drawn
 */
guint
gco_partner_line_get_n_asked (GcoPartnerLine *self)
{
  return self->n_asked;
}

/**
 * gco_partner_line_get_n_granted:
 * @self: a line
 *
 * Returns: how many had the lock
 */
guint
gco_partner_line_get_n_granted (GcoPartnerLine *self)
{
  return self->n_granted;
}

/**
 * gco_partner_line_get_n_cancelled:
 * @self: a line
 *
 * Returns: how many gave up
 */
guint
gco_partner_line_get_n_cancelled (GcoPartnerLine *self)
{
  return self->n_cancelled;
}

/**
 * gco_partner_line_get_n_there:
 * @self: a line
 *
 * Returns: how many wait or hold
 */
guint
gco_partner_line_get_n_there (GcoPartnerLine *self)
{
  return self->tickets.length;
}

/**
 * gco_partner_line_get_n_granted_to:
 * @self: a line
 * @name: whom
 *
 * Returns: how often @name had the lock
 */
guint
gco_partner_line_get_n_granted_to (GcoPartnerLine *self,
                                   const char     *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->shares, name));
}

/**
 * gco_partner_line_dup_complaint:
 * @self: a line
 *
 * Returns: (transfer full): the first time that the line was not kept, or ""
 */
char *
gco_partner_line_dup_complaint (GcoPartnerLine *self)
{
  return g_strdup (self->complaint != NULL ? self->complaint : "");
}
