/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One holder and four in line, each with a cancellable: every order in which the lock
 * can be released, the waits be cancelled and the coroutines go on. A model with no
 * concurrency in it says who is to have what after each step.
 */

#include "gco-test.h"

#define N_WAITERS 4
#define HOLDER N_WAITERS
#define NOBODY (-1)
#define MAX_STEPS 32
#define MAX_ORDERS 4096

typedef enum
{
  WAITS,
  GRANTED, /* and does not know it yet */
  REFUSED, /* likewise: cancelled */
  HOLDS,
  RELEASED,
  FAILED,
} State;

typedef struct
{
  State    states[N_WAITERS + 1];
  gboolean cancelled[N_WAITERS + 1]; /* somebody did, in time or not */
  int      holder;                   /* HOLDS or GRANTED, or NOBODY */
} Model;

/* A step cancels that waiter, or is one of: */
enum
{
  RELEASE = N_WAITERS,
  GO_ON,
  N_STEPS,
};

/* ------------------------------------------------------------------ the model */

static gboolean
model_can (const Model *model,
           int          step)
{
  if (step < N_WAITERS)
    return !model->cancelled[step] && model->states[step] <= GRANTED;
  if (step == RELEASE)
    return model->holder != NOBODY && model->states[model->holder] == HOLDS;
  for (int i = 0; i < N_WAITERS; i++)
    if (model->states[i] == GRANTED || model->states[i] == REFUSED)
      return TRUE;
  return FALSE;
}

static void
model_release (Model *model)
{
  model->states[model->holder] = RELEASED;
  model->holder = NOBODY;
  for (int i = 0; i < N_WAITERS && model->holder == NOBODY; i++)
    if (model->states[i] == WAITS)
      {
        model->states[i] = GRANTED;
        model->holder = i;
      }
}

static void
model_take (Model *model,
            int    step)
{
  if (step == RELEASE)
    model_release (model);
  else if (step < N_WAITERS)
    {
      model->cancelled[step] = TRUE;
      if (model->states[step] == WAITS)
        model->states[step] = REFUSED;
    }
  else
    for (int i = 0; i < N_WAITERS; i++)
      if (model->states[i] == GRANTED)
        model->states[i] = HOLDS;
      else if (model->states[i] == REFUSED)
        model->states[i] = FAILED;
}

/* ------------------------------------------------------------------ the locks */

typedef union
{
  GcoMutex     mutex;
  GcoRwlock    rwlock;
  GcoSemaphore semaphore;
} AnyLock;

typedef struct
{
  const char *name;
  void (*init) (AnyLock *lock);
  gboolean (*take) (AnyLock      *lock,
                    GCancellable *cancellable,
                    GError      **error);
  void (*release) (AnyLock *lock);
} Kind;

static void
init_nothing (AnyLock *lock)
{
}

static gboolean
mutex_take (AnyLock      *lock,
            GCancellable *cancellable,
            GError      **error)
{
  return gco_mutex_lock_cancellable (&lock->mutex, cancellable, error);
}

static void
mutex_release (AnyLock *lock)
{
  gco_mutex_unlock (&lock->mutex);
}

static gboolean
rwlock_take (AnyLock      *lock,
             GCancellable *cancellable,
             GError      **error)
{
  return gco_rwlock_wrlock_cancellable (&lock->rwlock, cancellable, error);
}

static void
rwlock_release (AnyLock *lock)
{
  gco_rwlock_unlock (&lock->rwlock);
}

static void
semaphore_init (AnyLock *lock)
{
  gco_semaphore_init (&lock->semaphore, 1);
}

static gboolean
semaphore_take (AnyLock      *lock,
                GCancellable *cancellable,
                GError      **error)
{
  return gco_semaphore_acquire_cancellable (&lock->semaphore, cancellable, error);
}

static void
semaphore_release (AnyLock *lock)
{
  gco_semaphore_release (&lock->semaphore);
}

static const Kind kinds[] = {
  { "mutex", init_nothing, mutex_take, mutex_release },
  { "rwlock", init_nothing, rwlock_take, rwlock_release },
  { "semaphore", semaphore_init, semaphore_take, semaphore_release },
};

/* ------------------------------------------------------------------- the trial */

typedef struct _Trial Trial;

typedef struct
{
  Trial        *trial;
  GcoCoroutine *coroutine;
  GCancellable *cancellable;
  State         state;
} Waiter;

struct _Trial
{
  GcoTest    *t;
  const Kind *kind;
  AnyLock     lock;
  Model       model;
  Waiter      waiters[N_WAITERS + 1];
  guint8      steps[MAX_STEPS];
  int         n_steps;
  guint       n_orders;
};

static void
hold (gpointer user_data)
{
  Waiter *self = user_data;
  Trial  *trial = self->trial;
  g_autoptr (GError) error = NULL;

  if (!trial->kind->take (&trial->lock, self->cancellable, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      self->state = FAILED;
      return;
    }
  self->state = HOLDS;
  gco_coroutine_yield ();
  trial->kind->release (&trial->lock);
  self->state = RELEASED;
}

/* It is free. */
static void
take_once (gpointer user_data)
{
  Trial *trial = user_data;

  g_assert_true (trial->kind->take (&trial->lock, NULL, NULL));
  trial->kind->release (&trial->lock);
}

static const Model first = { { WAITS, WAITS, WAITS, WAITS, HOLDS }, { FALSE }, HOLDER };

static void
begin (Trial *trial)
{
  trial->model = first;
  trial->lock = (AnyLock){ 0 };
  trial->kind->init (&trial->lock);
  for (int n = 0; n <= N_WAITERS; n++)
    {
      int     i = (n + HOLDER) % (N_WAITERS + 1);
      Waiter *waiter = &trial->waiters[i];

      *waiter = (Waiter){ trial, NULL, g_cancellable_new (), WAITS };
      waiter->coroutine = gco_test_spawn (trial->t, hold, waiter);
    }
  gco_test_drain (trial->t);
}

/* What has been decided is known only to those who went on. */
static void
check (Trial *trial,
       int    n_done)
{
  for (int i = 0; i <= N_WAITERS; i++)
    {
      State expected = trial->model.states[i];

      if (expected == GRANTED || expected == REFUSED)
        expected = WAITS;
      if (trial->waiters[i].state == expected)
        continue;
      for (int n = 0; n < n_done; n++)
        g_printerr ("%c", "0123RG"[trial->steps[n]]);
      g_error (" of %s: waiter %d is in state %d instead of %d",
               trial->kind->name,
               i,
               trial->waiters[i].state,
               expected);
    }
}

/* By hand, so that nothing else goes on meanwhile. */
static void
take (Trial *trial,
      int    step)
{
  if (step < N_WAITERS)
    g_cancellable_cancel (trial->waiters[step].cancellable);
  else if (step == RELEASE)
    gco_coroutine_enter (trial->waiters[trial->model.holder].coroutine);
  else
    gco_test_drain (trial->t);
  model_take (&trial->model, step);
}

static void
run (Trial *trial)
{
  /* where every step is slow, some of them */
  if (trial->n_orders++ % (MAX_ORDERS / gco_test_scale (MAX_ORDERS)) != 0)
    return;
  begin (trial);
  check (trial, 0);
  for (int n = 0; n < trial->n_steps; n++)
    {
      take (trial, trial->steps[n]);
      check (trial, n + 1);
    }
  gco_test_run (trial->t, take_once, trial);
  for (int i = 0; i <= N_WAITERS; i++)
    g_object_unref (trial->waiters[i].cancellable);
}

static void
try_all (Trial       *trial,
         const Model *model,
         int          n)
{
  gboolean is_over = TRUE;

  g_assert_cmpint (n, <, MAX_STEPS);
  for (int step = 0; step < N_STEPS; step++)
    if (model_can (model, step))
      {
        Model next = *model;

        is_over = FALSE;
        trial->steps[n] = (guint8) step;
        model_take (&next, step);
        try_all (trial, &next, n + 1);
      }
  if (!is_over)
    return;
  trial->n_steps = n;
  run (trial);
}

static void
check_kind (GcoTest    *t,
            const Kind *kind)
{
  Trial trial = { .t = t, .kind = kind };

  try_all (&trial, &first, 0);
  g_test_message ("%u orders", trial.n_orders);
  g_assert_cmpuint (trial.n_orders, >, MAX_ORDERS / 2);
  g_assert_cmpuint (trial.n_orders, <=, MAX_ORDERS);
}

static void
test_mutex (GcoTest *t)
{
  check_kind (t, &kinds[0]);
}

static void
test_rwlock (GcoTest *t)
{
  check_kind (t, &kinds[1]);
}

static void
test_semaphore (GcoTest *t)
{
  check_kind (t, &kinds[2]);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-orders/mutex", test_mutex);
  gco_test_add ("/lock-orders/rwlock", test_rwlock);
  gco_test_add ("/lock-orders/semaphore", test_semaphore);
  return g_test_run ();
}
