# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is compared with what, and the goals: a table of rows. The first side of a row is
the one that the others are compared with, and always libgco's."""

import dataclasses

# A program, what is in it, and what it takes to have it (in brackets: Debian's packages).
PROGRAMS = {
    'c': ('libgco, GLib, libc', 'a C compiler'),
    'boost': ('Boost.Context, Boost.Fiber', 'Boost (libboost-context-dev, libboost-fiber-dev)'),
    'vala': ('Vala async', 'valac and vapigen (valac)'),
    'go': ('Go', 'go (golang-go)'),
    'echo': ('the echo servers', 'Linux, and the examples'),
}


@dataclasses.dataclass(frozen=True)
class Side:
    name: str
    program: str
    measure: str
    goal: float = 0      # ours shall take at most so much of it; 0: no goal
    peer: bool = True    # does the same with other means, and may be the best at it

    @property
    def key(self):
        return self.program, self.measure


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    sides: tuple
    value: str = 'ns'    # which of the values that the measures print
    unit: str = 'ns'
    also: tuple = ()     # values that are told beside it
    limit: float = 0     # ours shall take at most so much; 0: no limit
    cores: int = 1
    heavy: bool = False  # fewer repetitions
    ms: float = 1        # times as long as others
    long: bool = False   # in the long form only
    touch: int = 0       # pages that are had and given back before each measure
    plot: str = ''       # its label in the plot; '': it is not there

    @property
    def judged_by(self):
        """Which of the repetitions tells what something takes.

        What one thread does is disturbed in one direction only: caches, interrupts and
        neighbours add to its processor time, nothing takes away. So its minimum is what
        repeats. Two threads may also be lucky: where one is late, the other has the lock to
        itself, and the minimum is a row without contention. They, and what is late, go by
        the median.

        Five runs of the rows of switches and locks on two processors with a load of 13: the
        ratios differed by 17 % (half of the rows by less) taken of minima and by 25 % taken of
        medians; with two threads by 319 % and by 82 %."""
        return 'median' if self.cores > 1 or self.value.startswith('p') else 'min'

    @property
    def key(self):
        return tuple(side.key for side in self.sides)


def c(name, measure, goal=0, peer=True):
    return Side(name, 'c', measure, goal, peer and not measure.startswith('gco_'))


def boost(measure, goal=0):
    name = 'Boost.Context' if measure.startswith('context') else 'Boost.Fiber'
    return Side(name, 'boost', measure, goal)


def go(measure, goal=0, name='Go'):
    return Side(name, 'go', measure, goal)


def vala(measure):
    return Side('Vala async', 'vala', measure)


# Two threads: the goal is to be ahead of QEMU and tokio, which no package lets us measure
# here. Where they were measured together, the faster of the two took 2.2 times what Go took
# with 2 coroutines and 1.47 times with 100.
AHEAD_2 = 2.2
AHEAD_100 = 1.47

# What does not depend on how many are idle: what does grows by a factor of hundreds.
FLAT = 1.2

# A fifth of what a message costs in libdex, which no package lets us measure here: 1,340 ns.
MESSAGE = 268

SWITCH = (
    Row('resumed by the loop + yield, 100 coroutines, 3 calls deep',
        (c('libgco, poll', 'gco_ring_poll/100'), c('libgco, GSource', 'gco_ring_source/100'),
         boost('fiber_ring/100', goal=0.3), go('ring/100', goal=0.3), vala('ring/100')),
        plot='resumed by the loop, yields'),
    Row('enter + yield by hand, at call depths 0 and 0',
        (c('libgco', 'gco_enter_flat'), boost('context_enter_flat', goal=1.15),
         c('ucontext', 'ucontext_enter_flat')),
        plot='enter + yield by hand'),
    Row('enter + yield by hand, at call depths 1 and 3',
        (c('libgco', 'gco_enter_deep'), boost('context_enter_deep', goal=1.15),
         c('ucontext', 'ucontext_enter_deep')),
        plot='enter + yield, 1 and 3 calls deep'),
    Row('nested enters, 10 deep, each',
        (c('libgco', 'gco_nested/10'), boost('context_nested/10'),
         c('ucontext', 'ucontext_nested/10')),
        plot='nested enters, 10 deep'),
    Row('create + run + end, stacks pooled',
        (c('libgco', 'gco_create'), boost('context_create', goal=0.5), boost('fiber_create'),
         c('ucontext', 'ucontext_create'), go('create/100'), vala('create'),
         c('a thread', 'pthread_create_join')),
        plot='create + run + end'),
    Row('create + yield + end, 10,000 alive',
        (c('libgco', 'gco_create_alive/10000'), boost('context_create_alive/10000'),
         boost('fiber_create_alive/10000'), go('create/10000')),
        plot='create + yield + end, 10,000 alive'),
)

LOCKS = (
    Row('mutex, lock + unlock, uncontended',
        (c('libgco', 'gco_mutex_pair'), c('GMutex', 'glib_mutex_pair', goal=1.05),
         c('pthread_mutex_t', 'pthread_mutex_pair'), boost('fiber_mutex_pair'), go('pair')),
        plot='mutex, uncontended'),
    *(Row(f'mutex hand-off (lock, yield, unlock), one thread, {n} coroutines',
          (c('libgco', f'gco_handoff/{n}'), boost(f'fiber_handoff/{n}'),
           go(f'handoff/{n}', goal=0.3), c('threads, a condition', f'pthread_handoff/{n}')),
          plot=f'mutex hand-off, {n} coroutines') for n in (2, 100)),
    *(Row(f'mutex hand-off (lock, yield, unlock), two threads, {n} coroutines',
          (c('libgco', f'gco_threads/{n}'), boost(f'fiber_threads/{n}'),
           go(f'threads/{n}', goal=ahead), c('threads, a condition', f'pthread_threads/{n}')),
          cores=2, ms=4, plot=f'mutex of two threads, {n} coroutines')
      for n, ahead in ((2, AHEAD_2), (100, AHEAD_100))),
    Row('read/write lock, 99 reads and a write, uncontended, each',
        (c('libgco', 'gco_rwlock_mostly'), c('GRWLock', 'glib_rwlock_mostly'),
         c('pthread_rwlock_t', 'pthread_rwlock_mostly'), go('rwlock_mostly')),
        plot='read/write lock, uncontended'),
    Row('read/write lock, 99 reads and a write, yielding, 100 coroutines, each',
        (c('libgco', 'gco_rwlock_turns/100'), go('rwlock_turns/100')),
        plot='read/write lock, 100 coroutines'),
    Row('queue: next, one waits, wakes and waits again',
        (c('libgco', 'gco_queue_one'), boost('fiber_condition/1'), go('condition/1'),
         c('threads, a condition', 'pthread_handoff/2')),
        plot='queue: wake one'),
    Row('queue: restart_all, 10,000 wake and wait again, each',
        (c('libgco', 'gco_queue_all/10000'), boost('fiber_condition/10000'),
         go('condition/10000')),
        plot='queue: wake all of 10,000'),
)

LOOP = (
    Row('one-shot: schedule + dispatch, 100 at a time',
        (c('libgco, poll', 'gco_oneshots_poll/100'),
         c('libgco, GSource', 'gco_oneshots_source/100'),
         c('idle GSource', 'glib_idle_sources/100', goal=0.1)),
        plot='one-shot, same thread'),
    Row('one-shot: a stream to another thread, 1,000 on their way',
        (c('libgco', 'gco_stream/1000'), c('g_main_context_invoke', 'glib_stream/1000'),
         go('stream/1000', name='Go, channel')),
        cores=2, ms=4, plot='one-shots to another thread'),
    Row('round trip between two threads',
        (c('libgco, one-shots', 'gco_round_trip'), c('libgco, move_to', 'gco_round_trip_move'),
         c('idle GSource', 'glib_round_trip'), go('round_trip', name='Go, locked threads'),
         c('threads, a condition', 'pthread_round_trip')),
        limit=1000, cores=2, ms=4, plot='round trip of two threads'),
    *(Row(f'an iteration with a one-shot beside idle coroutines, {door}',
          (c('libgco, 100,000 idle', f'gco_idle_{how}/100000'),
           c('libgco, 1,000 idle', f'gco_idle_{how}/1000'),
           c('libgco, 1 idle', f'gco_idle_{how}/1', goal=FLAT),
           c('GLib, 1 timeout', 'glib_idle_timeouts/1', peer=False),
           c('GLib, 1,000 timeouts', 'glib_idle_timeouts/1000')), heavy=True,
          plot='an iteration, 100,000 idle (GLib: 1,000)' if how == 'source' else '')
      for how, door in (('poll', 'poll'), ('source', 'GSource'))),
    *(Row(f'a byte through a pipe beside idle descriptors, {door}',
          (c('libgco, 10,000 idle', f'gco_fds_{how}/10000'),
           c('libgco, 1,000 idle', f'gco_fds_{how}/1000'),
           c('libgco, 10 idle', f'gco_fds_{how}/10', goal=FLAT),
           c('GLib, 10 idle', 'glib_fds/10', peer=False),
           c('GLib, 1,000 idle', 'glib_fds/1000', peer=False),
           c('GLib, 10,000 idle', 'glib_fds/10000')), heavy=True,
          plot='a byte, 10,000 idle descriptors' if how == 'source' else '')
      for how, door in (('poll', 'poll'), ('source', 'GSource'))),
    *(Row(f'timers: {what}',
          (c('libgco', 'gco_timers/100000'), c('timeout GSource', 'glib_timers/100000'),
           go('timers/100000')), value=value, heavy=True, plot=f'timers: {what}')
      for what, value in (('insert 100,000, each', 'insert'),
                          ('one more fires beside 100,000', 'more'),
                          ('cancel 100,000, each', 'cancel'),
                          ('fire 100,000, each', 'fire'))),
    *(Row(f'how late a sleep of 1 ms ends, {half}',
          (c('libgco, poll', 'gco_late_poll'), c('libgco, GSource', 'gco_late_source'),
           c('clock_nanosleep', 'pthread_late', goal=2 if value == 'p99' else 0),
           c('timeout GSource', 'glib_late'), go('late')), value=value, ms=10)
      for half, value in (('the median', 'p50'), ('the 99th of 100', 'p99'))),
)

GTASK = c('bare GTask', 'gtask', goal=1.3)
KIN = c('same, with AioContext', 'gtask_attached', peer=False)


def face(title, measure, *sizes, goal=1.3):
    """What calls back, beside as many bare GTasks."""
    for n in sizes:
        more = (KIN,) if n == 1 else ()
        task = c('bare GTask' + (f', {n}' if n > 1 else ''), f'gtask/{n}', goal=goal)
        yield Row(title + (f', {n} at once' if n > 1 else ''),
                  (c('libgco', f'{measure}/{n}'), task) + more)


def like_mutex(title, measure, more=()):
    """A lock or a way to wait for one, beside gco_mutex_lock()."""
    yield Row(f'{title}, uncontended',
              (c('libgco', f'{measure}/1'), c('gco_mutex_lock', 'gco_main_mutex/1'))
              + (more if measure == 'gco_semaphore' else ()))
    yield Row(f'{title}, hand-off, 2 coroutines',
              (c('libgco', f'{measure}/2'), c('gco_mutex_lock', 'gco_main_mutex/2'))
              + (more if measure != 'gco_semaphore' else ()))


GIO = (
    Row('await of a read from a pipe that is pending, two in turns',
        (c('libgco', 'gco_read'), c('callbacks', 'gio_read'), vala('read')),
        plot='await of a pending read'),
    Row('await, called back already', (c('libgco', 'gco_await_called'),)),
    Row('await of a GTask that is pending',
        (c('libgco', 'gco_await_pending'), c('bare GTask', 'gtask'), KIN)),
    Row('task that runs a coroutine, to its callback',
        (c('libgco', 'gco_task'), GTASK, KIN, c('GTask in a thread', 'gtask_in_thread')),
        plot='task that runs a coroutine'),
    *(Row(f'message through a channel, room for {n}',
          (c('libgco', f'gco_channel/{n}'),
           c('GAsyncQueue, idle', f'glib_async_queue/{max(n, 1)}'), go(f'channel/{n}')),
          limit=MESSAGE, plot=f'message, room for {n}') for n in (0, 1, 100)),
    *face('lock_async to its callback', 'gco_async_lock', 1, 2, 100),
    *face('rdlock_async to its callback', 'gco_async_rdlock', 1),
    *face('wrlock_async to its callback', 'gco_async_wrlock', 1, 100),
    *face('acquire_async to its callback', 'gco_async_acquire', 1, 100),
    *face('wait_async + next to its callback', 'gco_async_wait', 1, goal=0),
    *face('wait_async + next to its callback', 'gco_async_wait', 100),
    *like_mutex('semaphore', 'gco_semaphore', (c('sem_t', 'libc_semaphore'),)),
    *like_mutex('mutex, lock_cancellable', 'gco_mutex_cancellable',
                (c('g_cancellable_connect', 'gio_cancellable_watch', peer=False),)),
    *like_mutex('mutex, lock_until', 'gco_mutex_until',
                (c('timeout GSource', 'glib_timeout_source', peer=False),)),
    *(Row(f'scope: spawn + join, {n} at once, each',
          (c('libgco', f'gco_scope/{n}'), c('gco_spawn', f'gco_spawn_all/{n}'),
           go(f'create/{n}')), plot=f'scope: spawn + join, {n}') for n in (1, 100)),
)

ECHO = tuple(
    Row(f'echo server, {n:,} idle and 100 busy connections: {what}',
        (Side('libgco', 'echo', f'coroutines/{n}'),
         Side('GSocketService', 'echo', f'callbacks/{n}')),
        value=value, unit=unit, heavy=True, ms=20, cores=2, long=n == 10000,
        plot=f'{plot}, {n:,} idle' if plot else '')
    for n in (1000, 10000) for what, value, unit, plot in (
        ('processor time a message', 'ns', 'ns', 'echo: CPU a message'),
        ('time a message', 'wall', 'ns', ''),
        ('to open one', 'open', 'ns', ''),
        ('memory each', 'bytes', 'bytes', ''),
    ))


def parked(n, size, stack, limit):
    """At these sizes no other guards what it has; but for Go all stop near 32,750."""
    million = n == 1000000
    pages = 2 * n
    sides = (c('libgco', f'gco_parked_{size}/{n}'), boost(f'context_parked_{size}/{n}'),
             go(f'parked/{n}'))
    if n == 10000 and size == '64k':
        sides += (c('a thread', f'pthread_parked/{n}'),)
    yield Row(f'memory of one that waits, of {n:,}, {stack} stacks', sides, value='bytes',
              unit='bytes', also=('rss', 'pte'), limit=limit, heavy=True, long=million,
              touch=pages, plot=f'memory, {n:,} wait' if size == '64k' else '')
    yield Row(f'to make one of {n:,} that wait, {stack} stacks', sides, heavy=True,
              limit=6000, long=million, touch=pages)


MEMORY = tuple(row for n in (10000, 100000, 1000000)
               for size, stack, limit in (('64k', '64 KiB', 4600), ('1m', '1 MiB', 6500))
               for row in parked(n, size, stack, limit))

ROWS = SWITCH + LOCKS + LOOP + GIO + ECHO + MEMORY
