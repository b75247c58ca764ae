/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C++ in coroutines: what is thrown in one is caught in it, and destructors run, whatever
 * others throw meanwhile. */

#include <gco.h>

#include <string>
#include <vector>

namespace
{

const int n_rounds = 1000;
int       n_alive;

struct Alive
{
  std::string text;

  explicit Alive (int n) : text (std::to_string (n) + " and more than fits in place")
  {
    n_alive++;
  }
  ~Alive ()
  {
    n_alive--;
  }
};

void
dive (int depth,
      int what)
{
  Alive alive (depth);

  if (depth > 0)
    dive (depth - 1, what);
  gco_coroutine_yield ();
  if (depth == 2)
    throw what;
  g_assert_true (alive.text[0] == '0' + depth);
}

/* Suspended in the middle of what is then unwound. */
void
throw_and_catch (gpointer user_data)
{
  int *n_caught = static_cast<int *> (user_data);

  for (int i = 0; i < n_rounds; i++)
    {
      try
        {
          dive (4, i);
          g_assert_not_reached ();
        }
      catch (int what)
        {
          g_assert_cmpint (what, ==, i);
          ++*n_caught;
        }
      gco_coroutine_yield ();
    }
}

void
test_interleaved ()
{
  std::vector<int> caught (3);
  GcoCoroutine    *coroutines[3];
  /* at each depth from 0 to 2 once, and once after the throw */
  const int n_yields = 4 * n_rounds;

  for (int i = 0; i < 3; i++)
    coroutines[i] = gco_coroutine_create (throw_and_catch, &caught[i]);
  for (int n = 0; n <= n_yields; n++)
    for (int i = 0; i < 3; i++)
      gco_coroutine_enter (coroutines[i]);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (caught[i], ==, n_rounds);
  g_assert_cmpint (n_alive, ==, 0);
}

void
rethrow (gpointer user_data)
{
  try
    {
      Alive alive (7);
      throw std::string ("inner");
    }
  catch (const std::string &)
    {
      try
        {
          throw;
        }
      catch (const std::string &again)
        {
          *static_cast<std::string *> (user_data) = again;
        }
    }
}

/* One that ends within the other's handler. */
void
test_in_handler ()
{
  std::string said;

  try
    {
      throw 1;
    }
  catch (int one)
    {
      gco_coroutine_enter (gco_coroutine_create (rethrow, &said));
      g_assert_cmpint (one, ==, 1);
    }
  g_assert_true (said == "inner");
  g_assert_cmpint (n_alive, ==, 0);
}

} // namespace

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, nullptr);
  g_test_add_func ("/exceptions/interleaved", test_interleaved);
  g_test_add_func ("/exceptions/in-handler", test_in_handler);
  return g_test_run ();
}
