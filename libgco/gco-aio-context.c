/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context itself: life, home, and which one is meant. */

#include "gco-aio-context-private.h"

#include "gco-fatal-private.h"

/**
 * GcoAioContext:
 *
 * Where coroutines live: an event loop of one-shots, bottom halves, timers and
 * descriptors that either runs as a [struct@GLib.Source] of a
 * [struct@GLib.MainContext] (see [method@Gco.AioContext.attach]) or by itself
 * (see [method@Gco.AioContext.poll]), in both ways with the same effect.
 *
 * Its home is the thread that first polls or iterates it, or first waits in one
 * of its coroutines, until [method@Gco.AioContext.release_thread]. Everything
 * runs there; scheduling, waking and notifying may be done from any thread.
 *
 * A context stays as long as coroutines belong to it. But when the last reference to it
 * goes while some of them wait, as a rule nothing resumes them any more: a warning names
 * them. To end them before is what [method@Gco.AioContext.shutdown] is for.
 *
 * A context has up to three descriptors. One that cannot be made, because the process
 * has none left or the system no memory, stops the process with a message; the same
 * goes for those that are made on first use.
 *
 * Nothing of libgco may be used in a child of fork() before it calls exec().
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (GcoAioContext, gco_aio_context, G_TYPE_OBJECT)

/* What each GMainContext was given on first use. Borrowed: its source owns the
 * context, and is destroyed with the GMainContext. */
static GMutex      table_lock;
static GHashTable *table;       /* (table_lock) GMainContext to GcoAioContext */
static guint       n_forgotten; /* (atomic) how often one left the table */

/* All there are, borrowed, oldest first. Its lock is taken with that of the table held. */
static GMutex contexts_lock;
static GQueue contexts = G_QUEUE_INIT; /* (contexts_lock) */

static void
discard_list (GcoAioContext *ctx,
              GcoReadyList  *list)
{
  GcoReady *ready;

  while ((ready = gco_ready_list_pop (list)) != NULL)
    gco_ready_discard (ready, ctx);
}

static void
clear (gpointer user_data)
{
  GcoAioContext *self = user_data;

  /* First what may still schedule a destroy notify. */
  gco_timers_clear (self);
  gco_fd_clear (self);
  gco_aio_context_take_remote (self);
  discard_list (self, &self->ready);
  discard_list (self, &self->deferred);
  discard_list (self, &self->idle);
}

static void
gco_aio_context_finalize (GObject *object)
{
  GcoAioContext *self = GCO_AIO_CONTEXT (object);

  g_mutex_lock (&contexts_lock);
  g_queue_unlink (&contexts, &self->link);
  g_mutex_unlock (&contexts_lock);
  gco_coroutine_call_outside (clear, self);
  gco_poller_free (self->poller);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gco_aio_context_parent_class)->finalize (object);
}

/* Coroutines have no reference, so that it is seen when nobody else has one. Then they get
 * it: they may be woken and entered, and must find their context. Whoever calls
 * g_object_run_dispose(), or resurrects it, is taken for the last. */
static void
gco_aio_context_dispose (GObject *object)
{
  GcoAioContext *self = GCO_AIO_CONTEXT (object);
  guint          n;

  /* The reference is there before the mark. Pairs with count_in() and count_out(): from here
   * on members keep the context, also those who join while this goes on. Whoever drops the
   * last reference does not come back here before it frees. */
  g_object_ref (self);
  n = gco_fetch_or (&self->n_members, GCO_LEFT_BEHIND);
  if (n != 0 && !(n & GCO_LEFT_BEHIND))
    {
      gco_aio_context_hooks.left_behind (self);
      return;
    }
  g_object_unref (self);
  /* Marked before: they have their reference. */
  if ((n & ~GCO_LEFT_BEHIND) != 0)
    return;
  G_OBJECT_CLASS (gco_aio_context_parent_class)->dispose (object);
}

static void
gco_aio_context_class_init (GcoAioContextClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gco_aio_context_dispose;
  G_OBJECT_CLASS (klass)->finalize = gco_aio_context_finalize;
}

static void
gco_aio_context_init (GcoAioContext *self)
{
  g_mutex_init (&self->lock);
  self->poller = gco_poller_new ();
  self->watches = g_ptr_array_new ();
  g_mutex_lock (&contexts_lock);
  self->link.data = self;
  g_queue_push_tail_link (&contexts, &self->link);
  g_mutex_unlock (&contexts_lock);
}

/**
 * gco_aio_context_new:
 *
 * Makes a context, attached to nothing; stops the process with a message when there
 * are no descriptors left for it. Any thread.
 *
 * Returns: (transfer full): a context
 *
 * Since: 1.0
 */
GcoAioContext *
gco_aio_context_new (void)
{
  return g_object_new (GCO_TYPE_AIO_CONTEXT, NULL);
}

/* ------------------------------------------------- one for each GMainContext */

void
gco_aio_context_forget (GcoAioContext *ctx)
{
  GHashTableIter iter;
  gpointer       value;

  g_mutex_lock (&table_lock);
  /* pairs with get_here() */
  gco_fetch_add (&n_forgotten, 1);
  if (table != NULL)
    {
      g_hash_table_iter_init (&iter, table);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (value == ctx)
          g_hash_table_iter_remove (&iter);
    }
  g_mutex_unlock (&table_lock);
}

GcoAioContext *
gco_aio_context_dup_for_main_context (GMainContext *main_context)
{
  GcoAioContext *ctx;

  if (main_context == NULL)
    main_context = g_main_context_default ();

  g_mutex_lock (&table_lock);
  if (table == NULL)
    table = g_hash_table_new (NULL, NULL);
  ctx = g_hash_table_lookup (table, main_context);
  if (ctx == NULL)
    {
      ctx = gco_aio_context_new ();
      g_hash_table_insert (table, main_context, ctx);
      gco_aio_context_attach (ctx, main_context);
    }
  else
    {
      /* Alive: whoever destroys its source needs the table before letting go. */
      g_object_ref (ctx);
    }
  g_mutex_unlock (&table_lock);
  return ctx;
}

/* From here on it is its source that keeps it. */
static GcoAioContext *
get_for_main_context (GMainContext *main_context)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_dup_for_main_context (main_context);

  return ctx;
}

/**
 * gco_aio_context_get_default:
 *
 * The context of the default main context, made and attached to it on first
 * use. Any thread. It lives as long as its source: until
 * [method@GLib.Source.destroy], if anybody does that.
 *
 * Returns: (transfer none): a context
 *
 * Since: 1.0
 */
GcoAioContext *
gco_aio_context_get_default (void)
{
  return get_for_main_context (NULL);
}

/* That of @main_context, the thread-default one. Each coroutine that first suspends outside
 * of a dispatch asks. */
static inline GcoAioContext *
get_here (GMainContext *main_context)
{
  GcoThreadExtra *extra = gco_thread_get ()->extra;
  GcoAioContext  *ctx;
  /* pairs with gco_aio_context_forget() */
  guint now = gco_load_acquire (&n_forgotten);

  if (G_LIKELY (extra != NULL && extra->known != NULL && extra->known_for == main_context &&
                extra->known_at == now))
    return extra->known;
  ctx = get_for_main_context (main_context);
  if (extra != NULL)
    {
      extra->known = ctx;
      extra->known_for = main_context;
      extra->known_at = now;
    }
  return ctx;
}

/**
 * gco_aio_context_get_thread_default:
 *
 * The context of this thread's thread-default main context, made and attached
 * to it on first use; it goes when that goes.
 *
 * Returns: (transfer none): a context
 *
 * Since: 1.0
 */
GcoAioContext *
gco_aio_context_get_thread_default (void)
{
  return get_here (g_main_context_get_thread_default ());
}

GcoAioContext *
gco_aio_context_peek_for_main_context (GMainContext *main_context)
{
  GMainContext *here = g_main_context_get_thread_default ();

  return main_context == (here != NULL ? here : g_main_context_default ()) ? get_here (here)
                                                                           : NULL;
}

/**
 * gco_aio_context_get_current:
 *
 * The context of the running coroutine, or else the one whose dispatch runs in
 * this thread.
 *
 * Returns: (transfer none) (nullable): a context, or NULL
 *
 * Since: 1.0
 */
GcoAioContext *
gco_aio_context_get_current (void)
{
  GcoThread    *thread = gco_thread_get ();
  GcoCoroutine *self = gco_thread_coroutine (thread);

  if (self == NULL)
    return thread->ctx;
  if (gco_coroutine_get_home (self) == NULL)
    gco_coroutine_hooks.settle (self);
  return gco_coroutine_get_home (self);
}

GcoAioContext *
gco_aio_context_resolve (GcoAioContext *ctx)
{
  GcoThread    *thread = gco_thread_get ();
  GcoCoroutine *self;

  if (ctx != NULL)
    return ctx;
  if (thread->ctx != NULL)
    return thread->ctx;
  self = gco_thread_coroutine (thread);
  ctx = self != NULL ? gco_coroutine_get_home (self) : NULL;
  return ctx != NULL ? ctx : gco_aio_context_get_thread_default ();
}

/* -------------------------------------------------------------------- home */

void
gco_aio_context_claim_home (GcoAioContext *ctx,
                            const char    *caller)
{
  GcoThread *thread = gco_thread_get ();
  GcoThread *home = NULL;
  gboolean   claimed;

  gco_thread_ensure (thread);
  if (gco_load_relaxed (&ctx->home) == thread)
    return;
  /* gco_aio_context_take_from_others() may be at what is nobody's. */
  g_mutex_lock (&contexts_lock);
  /* pairs with gco_aio_context_release_thread() */
  claimed = gco_cas_acquire (&ctx->home, &home, thread);
  if (claimed)
    gco_store_relaxed (&ctx->home_id, gco_thread_get_id ());
  g_mutex_unlock (&contexts_lock);
  if (!claimed)
    gco_fatal ("%s: AioContext %p is at home in another thread, and was not"
               " released there (by %s)",
               caller,
               (gpointer) ctx,
               gco_coroutine_describe (gco_thread_coroutine (thread)));
}

void
gco_aio_context_enter_loop (GcoAioContext *ctx,
                            const char    *caller)
{
  GcoThread    *thread = gco_thread_here ();
  GcoCoroutine *self = gco_thread_coroutine (thread);

  if (G_UNLIKELY (self != NULL))
    gco_fatal ("%s: called by coroutine %s; a loop runs outside of coroutines"
               " (gco_coroutine_call_outside() is the way there)",
               caller,
               gco_coroutine_describe (self));
  if (G_UNLIKELY (!gco_aio_context_is_home (ctx, thread)))
    gco_aio_context_claim_home (ctx, caller);
}

/**
 * gco_aio_context_release_thread: (skip)
 * @ctx: a context
 *
 * Ends that the calling thread is the home of @ctx: the next thread that polls
 * or iterates it will be. To be called in the home thread, before that ends,
 * outside of a dispatch of @ctx. In another thread it is fatal.
 *
 * Since: 1.0
 */
void
gco_aio_context_release_thread (GcoAioContext *ctx)
{
  GcoThread *thread = gco_thread_get ();

  g_return_if_fail (GCO_IS_AIO_CONTEXT (ctx));

  if (gco_load_relaxed (&ctx->home) == NULL)
    return;
  if (!gco_aio_context_is_home (ctx, thread))
    gco_fatal ("gco_aio_context_release_thread: AioContext %p is at home in"
               " another thread",
               (gpointer) ctx);
  if (ctx->depth > 0)
    gco_fatal ("gco_aio_context_release_thread: AioContext %p is being dispatched",
               (gpointer) ctx);
  gco_notify_end_sleep (ctx);
  /* pairs with gco_aio_context_claim_home() and gco_aio_context_take_from_others() */
  gco_store_release (&ctx->home, NULL);
}

GPtrArray *
gco_aio_context_list_here (GcoThread *thread)
{
  GPtrArray *here = g_ptr_array_new ();

  g_mutex_lock (&contexts_lock);
  for (GList *l = contexts.head; l != NULL; l = l->next)
    if (gco_aio_context_is_home (l->data, thread))
      g_ptr_array_add (here, l->data);
  g_mutex_unlock (&contexts_lock);
  return here;
}

void
gco_aio_context_take_from_others (GcoAioContext *ctx,
                                  gboolean (*is_wanted) (GcoReady      *ready,
                                                         GcoAioContext *ctx),
                                  GcoReadyList *taken)
{
  GcoThread *thread = gco_thread_get ();

  g_mutex_lock (&contexts_lock);
  for (GList *l = contexts.head; l != NULL; l = l->next)
    {
      GcoAioContext *other = l->data;
      /* pairs with gco_aio_context_release_thread() */
      GcoThread   *home = gco_load_acquire (&other->home);
      GcoReadyList left = { NULL, NULL };
      GcoReady    *ready;

      if (other == ctx || (home != NULL && home != thread))
        continue;
      gco_aio_context_take_remote (other);
      while ((ready = gco_ready_list_pop (&other->ready)) != NULL)
        gco_ready_list_push (is_wanted (ready, ctx) ? taken : &left, ready);
      other->ready = left;
    }
  g_mutex_unlock (&contexts_lock);
}

void
gco_aio_context_post_everywhere (GcoReady *(*make) (GcoAioContext *ctx,
                                                    gpointer       user_data),
                                 gpointer user_data)
{
  g_mutex_lock (&contexts_lock);
  for (GList *l = contexts.head; l != NULL; l = l->next)
    {
      GcoAioContext *ctx = l->data;
      GcoReady      *ready = make (ctx, user_data);

      if (ready == NULL)
        continue;
      /* It may have no reference left; but as long as we are here it is not cleared. */
      gco_push_list_push (&ctx->remote, ready);
      gco_notify (ctx);
    }
  g_mutex_unlock (&contexts_lock);
}

/* ------------------------------------------------------------------- ready */

void
gco_aio_context_push_remote (GcoAioContext *ctx,
                             GcoReady      *ready)
{
  /* What is pushed may run, and drop the last reference, before the notify. */
  g_object_ref (ctx);
  gco_push_list_push (&ctx->remote, ready);
  gco_notify (ctx);
  g_object_unref (ctx);
}

void
gco_aio_context_take_remote (GcoAioContext *ctx)
{
  gco_push_list_take (&ctx->remote, &ctx->ready);
}

/**
 * gco_aio_context_notify:
 * @ctx: a context
 *
 * Makes a blocking poll of @ctx return, or its GMainContext iterate: this one,
 * or the next. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_aio_context_notify (GcoAioContext *ctx)
{
  g_return_if_fail (GCO_IS_AIO_CONTEXT (ctx));

  gco_notify (ctx);
}
