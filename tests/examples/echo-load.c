/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "echo-load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* So many are in the server's queue at most: more than it holds, and the kernel
 * would let some wait for seconds. */
#define MAX_UNSETTLED 512
#define PATIENCE_MS 30000

/* What is sent at a position of a stream follows from the two; it repeats itself
 * after a number of bytes that no buffer has. */
#define PERIOD 65521
static guint8 pattern[2 * PERIOD];

static const gsize sizes[] = { 1, 1000, 16384, 40000 };

typedef struct
{
  guint    id;
  PeerKind kind;
  int      fd;
  guint    n_echoed; /* messages */
  guint64  target;   /* what is to be sent by now */
  guint64  sent;
  guint64  received;
  gboolean is_settled;
  gint64   began_us;
} Peer;

static const char *const kind_names[] = { "echo", "half-close", "reset", "idle", "busy" };

G_STATIC_ASSERT (G_N_ELEMENTS (kind_names) == N_PEER_KINDS);

static void
fail (EchoLoad   *load,
      const Peer *peer,
      const char *what)
{
  load->failed = TRUE;
  g_printerr ("echo load: connection %u (%s): %s; %" G_GUINT64_FORMAT
              " bytes to send, %" G_GUINT64_FORMAT " sent, %" G_GUINT64_FORMAT " back\n",
              peer->id,
              kind_names[peer->kind],
              what,
              peer->target,
              peer->sent,
              peer->received);
}

static const guint8 *
pattern_at (const Peer *peer,
            guint64     position)
{
  return pattern + (peer->id * G_GUINT64_CONSTANT (7919) + position) % PERIOD;
}

static void
settle (EchoLoad *load,
        Peer     *peer)
{
  if (peer->is_settled)
    return;
  peer->is_settled = TRUE;
  load->n_unsettled--;
}

static void
peer_free (EchoLoad *load,
           Peer     *peer)
{
  settle (load, peer);
  close (peer->fd);
  g_ptr_array_remove_fast (load->peers, peer);
  g_free (peer);
}

/* ---------------------------------------------------------------- ends of a peer */

/* Whether the server may end @peer now, and in this way. */
static gboolean
may_end (EchoLoad   *load,
         const Peer *peer,
         int         problem)
{
  gboolean has_all = peer->received == peer->target && peer->sent == peer->target;

  switch (peer->kind)
    {
    case PEER_HALF_CLOSE:
      return problem == 0 && has_all;
    case PEER_IDLE:
      return problem == 0 && peer->is_settled;
    case PEER_BUSY:
      return problem == 0 && has_all && load->stopping;
    default:
      return FALSE;
    }
}

static void
ended_by_server (EchoLoad *load,
                 Peer     *peer,
                 int       problem)
{
  gint64 us = g_get_monotonic_time () - peer->began_us;

  if (!may_end (load, peer, problem))
    fail (load, peer, problem == 0 ? "ended by the server" : g_strerror (problem));
  if (peer->kind == PEER_IDLE)
    {
      load->idle_min_us = MIN (load->idle_min_us, us);
      load->idle_max_us = MAX (load->idle_max_us, us);
    }
  peer_free (load, peer);
}

static void
reset (EchoLoad *load,
       Peer     *peer)
{
  struct linger at_once = { 1, 0 };

  setsockopt (peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer_free (load, peer);
}

/* --------------------------------------------------------------- sending, reading */

/* Each returns FALSE if @peer is gone. */

static gboolean
send_on (EchoLoad *load,
         Peer     *peer)
{
  /* before the first byte is on its way */
  if (peer->sent == 0)
    peer->began_us = g_get_monotonic_time ();
  while (peer->sent < peer->target)
    {
      gssize n = send (peer->fd,
                       pattern_at (peer, peer->sent),
                       MIN (peer->target - peer->sent, PERIOD),
                       MSG_NOSIGNAL);

      if (n >= 0)
        {
          peer->sent += n;
          continue;
        }
      if (errno == EAGAIN || errno == EINPROGRESS)
        return TRUE;
      ended_by_server (load, peer, errno);
      return FALSE;
    }
  if (peer->kind == PEER_HALF_CLOSE)
    shutdown (peer->fd, SHUT_WR);
  return TRUE;
}

static gboolean
send_more (EchoLoad *load,
           Peer     *peer,
           gsize     size)
{
  peer->target += size;
  return send_on (load, peer);
}

static gsize
size_of_echo (const Peer *peer)
{
  return sizes[(peer->id + peer->n_echoed) % G_N_ELEMENTS (sizes)];
}

/* All that was sent is back. */
static gboolean
echoed (EchoLoad *load,
        Peer     *peer)
{
  settle (load, peer);
  peer->n_echoed++;
  switch (peer->kind)
    {
    case PEER_ECHO:
      if (peer->n_echoed < G_N_ELEMENTS (sizes))
        return send_more (load, peer, size_of_echo (peer));
      peer_free (load, peer);
      return FALSE;
    case PEER_RESET:
      if (send_more (load, peer, 10 * PERIOD))
        reset (load, peer);
      return FALSE;
    case PEER_BUSY:
      load->n_messages++;
      return load->stopping || send_more (load, peer, load->size);
    default:
      return TRUE;
    }
}

static gboolean
receive (EchoLoad *load,
         Peer     *peer,
         gboolean  to_the_end)
{
  static guint8 buffer[PERIOD];
  gssize        n = sizeof buffer;

  while (n == sizeof buffer || to_the_end)
    {
      n = recv (peer->fd, buffer, sizeof buffer, 0);
      if (n <= 0 && !(n < 0 && errno == EAGAIN))
        {
          ended_by_server (load, peer, n < 0 ? errno : 0);
          return FALSE;
        }
      if (n < 0)
        break;
      if (peer->received + n > peer->sent ||
          memcmp (buffer, pattern_at (peer, peer->received), n) != 0)
        {
          fail (load, peer, "not what was sent came back");
          peer_free (load, peer);
          return FALSE;
        }
      peer->received += n;
      load->n_bytes += n;
      if (peer->received == peer->target && !echoed (load, peer))
        return FALSE;
    }
  return TRUE;
}

static void
on_event (EchoLoad *load,
          Peer     *peer,
          guint32   events)
{
  if (send_on (load, peer))
    receive (load, peer, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

/* -------------------------------------------------------------------- the load */

static gsize
first_size (EchoLoad   *load,
            const Peer *peer)
{
  switch (peer->kind)
    {
    case PEER_ECHO:
      return size_of_echo (peer);
    case PEER_HALF_CLOSE:
      return 1 + peer->id * 131 % 100000;
    default:
      return load->size;
    }
}

static void
open_one (EchoLoad *load,
          PeerKind  kind)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (load->port) };
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
  int                yes = 1;
  Peer              *peer = g_new0 (Peer, 1);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  peer->id = load->n_made++;
  peer->kind = kind;
  peer->target = first_size (load, peer);
  load->n_unsettled++;
  g_ptr_array_add (load->peers, peer);
  event.data.ptr = peer;

  peer->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (peer->fd < 0 ||
      setsockopt (peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
      (connect (peer->fd, (struct sockaddr *) &address, sizeof address) != 0 &&
       errno != EINPROGRESS) ||
      epoll_ctl (load->epoll_fd, EPOLL_CTL_ADD, peer->fd, &event) != 0)
    {
      fail (load, peer, g_strerror (errno));
      peer_free (load, peer);
    }
}

/* One of each kind in turn, so that they meet. */
static void
open_more (EchoLoad *load)
{
  gboolean any = TRUE;

  while (any && !load->failed)
    {
      any = FALSE;
      for (guint kind = 0; kind < N_PEER_KINDS; kind++)
        if (load->n_to_open[kind] > 0 && load->n_unsettled < MAX_UNSETTLED &&
            !load->failed)
          {
            load->n_to_open[kind]--;
            open_one (load, kind);
            any = TRUE;
          }
    }
}

void
echo_load_init (EchoLoad *load,
                int       port)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  *load = (EchoLoad){ .port = port, .size = 64, .idle_min_us = G_MAXINT64 };
  load->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  load->peers = g_ptr_array_new ();
  for (guint i = 0; i < PERIOD; i++)
    pattern[i] = pattern[PERIOD + i] = (guint8) g_rand_int (rand);
}

void
echo_load_clear (EchoLoad *load)
{
  while (load->peers->len > 0)
    peer_free (load, g_ptr_array_index (load->peers, 0));
  g_ptr_array_unref (load->peers);
  close (load->epoll_fd);
}

void
echo_load_add (EchoLoad *load,
               PeerKind  kind,
               guint     n)
{
  load->n_to_open[kind] += n;
}

guint
echo_load_count (EchoLoad *load)
{
  guint n = load->peers->len;

  for (guint i = 0; i < N_PEER_KINDS; i++)
    n += load->n_to_open[i];
  return n;
}

gboolean
echo_load_is_settled (EchoLoad *load)
{
  return load->n_unsettled == 0 && echo_load_count (load) == load->peers->len;
}

gboolean
echo_load_step (EchoLoad *load)
{
  struct epoll_event events[256];
  int                n;

  open_more (load);
  n = epoll_wait (load->epoll_fd, events, G_N_ELEMENTS (events), PATIENCE_MS);
  if (n == 0 && load->peers->len > 0)
    fail (load, g_ptr_array_index (load->peers, 0), "nothing happens any more");
  for (int i = 0; i < n && !load->failed; i++)
    on_event (load, events[i].data.ptr, events[i].events);
  return !load->failed;
}

guint64
echo_load_send_last (EchoLoad *load)
{
  guint64 n_bytes = 0;

  load->stopping = TRUE;
  for (guint i = load->peers->len; i-- > 0;)
    {
      Peer *peer = g_ptr_array_index (load->peers, i);

      if (peer->kind != PEER_BUSY || !send_more (load, peer, load->size))
        continue;
      if (peer->sent < peer->target)
        fail (load, peer, "the kernel does not take a message whole");
      n_bytes += peer->sent - peer->received;
    }
  return n_bytes;
}

guint
echo_load_raise_limit (void)
{
  struct rlimit limit = { 1024, 1024 };

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  return (guint) MIN (limit.rlim_cur, G_MAXUINT);
}
