/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What can be made ready, and the two lists it goes through: a plain FIFO that
 * one thread owns, and a list that any thread may push to and one thread takes
 * whole, oldest first.
 */

#pragma once

#include "gco-atomic-private.h"

/* The @Type whose @field @pointer points to. */
#define gco_container_of(pointer, Type, field) \
 ((Type *) G_STRUCT_MEMBER_P (pointer, -G_STRUCT_OFFSET (Type, field)))

typedef struct _GcoReady GcoReady;

/* A one-shot: something that a dispatch runs once. */
struct _GcoReady
{
  GcoReady *next;
  /* NULL: the ready field of a coroutine, to be resumed */
  void (*run) (GcoReady *ready);
};

typedef struct
{
  GcoReady *head;
  GcoReady *tail; /* meaningless while head is NULL */
} GcoReadyList;

static inline void
gco_ready_list_push (GcoReadyList *list,
                     GcoReady     *ready)
{
  ready->next = NULL;
  if (list->head != NULL)
    list->tail->next = ready;
  else
    list->head = ready;
  list->tail = ready;
}

static inline GcoReady *
gco_ready_list_pop (GcoReadyList *list)
{
  GcoReady *ready = list->head;

  if (ready != NULL)
    list->head = ready->next;
  return ready;
}

/* Moves all of @from behind what @list has. */
static inline void
gco_ready_list_append (GcoReadyList *list,
                       GcoReadyList *from)
{
  if (from->head == NULL)
    return;
  if (list->head != NULL)
    list->tail->next = from->head;
  else
    list->head = from->head;
  list->tail = from->tail;
  from->head = NULL;
}

typedef struct
{
  GcoReady *newest; /* (atomic) */
} GcoPushList;

/* Any thread. */
static inline void
gco_push_list_push (GcoPushList *list,
                    GcoReady    *ready)
{
  GcoReady *newest = gco_load_relaxed (&list->newest);

  do
    ready->next = newest;
  /* pairs with gco_push_list_take(): publishes what @ready leads to */
  while (!gco_cas_release (&list->newest, &newest, ready));
}

static inline gboolean
gco_push_list_is_empty (GcoPushList *list)
{
  return gco_load_relaxed (&list->newest) == NULL;
}

/* Takes everything and puts it behind what @into has, oldest first. */
static inline void
gco_push_list_take (GcoPushList  *list,
                    GcoReadyList *into)
{
  GcoReady    *newest;
  GcoReadyList slice = { NULL, NULL };

  if (gco_push_list_is_empty (list))
    return;

  /* pairs with gco_push_list_push() */
  newest = gco_exchange_acquire (&list->newest, NULL);
  slice.tail = newest;
  while (newest != NULL)
    {
      GcoReady *older = newest->next;

      newest->next = slice.head;
      slice.head = newest;
      newest = older;
    }
  gco_ready_list_append (into, &slice);
}
