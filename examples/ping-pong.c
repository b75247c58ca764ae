/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two coroutines that take turns. gco_coroutine_yield() suspends the one that
 * runs; gco_coroutine_wake() has the other one resumed, later and from the loop.
 */

#include <gco.h>

#define ROUNDS 3

typedef struct
{
  GcoCoroutine *ping;
  GcoCoroutine *pong;
  guint         n_players;
} Game;

static void gco_coroutine_fn
ping (gpointer user_data)
{
  Game *game = user_data;

  for (int i = 1; i <= ROUNDS; i++)
    {
      g_print ("ping %d\n", i);
      gco_coroutine_wake (game->pong);
      gco_coroutine_yield ();
    }
  g_print ("ping is done\n");
  game->n_players--;
}

static void gco_coroutine_fn
pong (gpointer user_data)
{
  Game *game = user_data;

  for (int i = 1; i <= ROUNDS; i++)
    {
      gco_coroutine_yield ();
      g_print ("pong %d\n", i);
      gco_coroutine_wake (game->ping);
    }
  g_print ("pong is done\n");
  game->n_players--;
}

int
main (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Game game = { .n_players = 2 };

  /* they start in this order: pong suspends itself before the first ping */
  game.pong = gco_spawn (ctx, pong, &game, NULL);
  game.ping = gco_spawn (ctx, ping, &game, NULL);
  if (game.pong == NULL || game.ping == NULL)
    g_error ("there is no memory for two stacks");

  while (game.n_players > 0)
    gco_aio_context_poll (ctx, TRUE);
  return 0;
}
