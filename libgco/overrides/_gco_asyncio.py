# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio's own loop, which knows nothing of GLib, iterates the main context as well.

So asyncio.run() is enough. The loop's selector is what sleeps: ours takes its place, when
something of GLib is awaited first, and sleeps in the main context, where the descriptors
that the other was given wake it.
"""

import math
import selectors
import threading
import weakref

from gi.repository import GLib

_FAILED = GLib.IOCondition.HUP | GLib.IOCondition.ERR
_REFUSAL = ('does not iterate the main context of its thread, where what is awaited here '
            'would arrive')
_doubted = weakref.WeakSet()
_LOOK_S = 0.1  # between two looks whether another thread still iterates the context


class _Watch:
    """One descriptor stands for all: epoll's, kqueue's.

    It stays readable until the loop has looked, and one that is stopped, or sleeps below a
    main loop within it, does not: so who has not asked is told only once.
    """

    def __init__(self, plain, context):
        self._plain, self._context = plain, context
        self._source, self._asked = None, False

    def __enter__(self):
        if self._source is None:
            self._source = GLib.unix_fd_source_new(self._plain.fileno(),
                                                   GLib.IOCondition.IN | _FAILED)
            self._source.set_callback(self._on_ready)
            self._source.attach(self._context)
        self._asked = True

    def __exit__(self, *_):
        self._asked = False

    def _on_ready(self, *_):
        asked, self._asked = self._asked, False
        if asked:
            return GLib.SOURCE_CONTINUE
        self._source = None
        return GLib.SOURCE_REMOVE

    def end(self):
        if self._source is not None:
            self._source.destroy()
        self._source = None


class _Selector:
    """Whatever it is asked besides select(), the loop's own selector answers."""

    def __init__(self, plain, context, pushed):
        self._plain = plain
        self.context = context
        self._pushed = pushed
        self._watch = _Watch(plain, context)

    def __getattr__(self, name):
        return getattr(self._plain, name)

    def select(self, timeout=None):
        if not self.context.acquire():
            # A thread of its own iterates it by now, and does not say when it stops to.
            return self._plain.select(_LOOK_S if timeout is None else min(timeout, _LOOK_S))
        try:
            with self._watch:
                self._iterate(timeout)
        finally:
            self.context.release()
        return self._plain.select(0)

    def _iterate(self, timeout):
        if timeout is None or timeout <= 0:
            self.context.iteration(timeout is None)
        else:
            # Of an attached source, set_ready_time() would wake this very iteration.
            alarm = GLib.timeout_source_new(0)
            alarm.set_callback(lambda *_: GLib.SOURCE_REMOVE)
            alarm.set_ready_time(GLib.get_monotonic_time() + math.ceil(timeout * 1000000))
            alarm.attach(self.context)
            self.context.iteration(True)
            alarm.destroy()

    def close(self):
        self._let_go()
        self._plain.close()

    def __del__(self):
        self._let_go()

    def _let_go(self):
        self._watch.end()
        if self._pushed and GLib.MainContext.get_thread_default() == self.context:
            self.context.pop_thread_default()
        self._pushed = False


def _own_context():
    """Of this thread, or None."""
    context = GLib.MainContext.get_thread_default()
    if context is None and threading.current_thread() is threading.main_thread():
        context = GLib.MainContext.default()
    return context


def _take_place(loop, plain):
    """Of the selector of a loop, which runs."""
    context, pushed = _own_context(), False
    if context is None:
        context, pushed = GLib.MainContext.new(), True
        context.push_thread_default()
    loop._selector = _Selector(plain, context, pushed)


def see_to(loop):
    """What is awaited from here on in the thread's main context must arrive.

    Raises RuntimeError if it is known that nothing would iterate it, and tells the loop's
    exception handler if that turns out.
    """
    context, selector = GLib.MainContext.ref_thread_default(), getattr(loop, '_selector', None)
    if type(selector) is _Selector and selector.context == context:
        return
    free, plain = _is_free(context), isinstance(selector, selectors.BaseSelector)
    if plain and hasattr(selector, 'fileno'):
        # What another thread iterates, and is not this one's own, stays that thread's.
        if free or _own_context() is not None:
            _take_place(loop, selector)
    elif not free:
        return
    elif not plain:
        # A loop that is not built on a selector, as gbulb's, has the context while it runs.
        if not context.is_owner():
            raise RuntimeError(f'{loop!r} {_REFUSAL}')
    elif type(selector).select.__module__ == 'selectors':
        raise RuntimeError(f'{loop!r} {_REFUSAL}')
    elif selector not in _doubted:
        _doubt(loop, selector, context)


def _doubt(loop, selector, context):
    """A selector that sleeps in its own way may do so in the context: this tells."""
    def look():
        if not source.is_destroyed():
            source.destroy()
            loop.call_exception_handler({'message': f'{loop!r} {_REFUSAL}',
                                         'selector': selector})

    _doubted.add(selector)
    source = GLib.idle_source_new()
    source.set_priority(GLib.PRIORITY_HIGH)
    source.set_callback(lambda *_: GLib.SOURCE_REMOVE)
    source.attach(context)
    loop.call_later(_LOOK_S, look)


def _is_free(context):
    """Whether no other thread iterates it."""
    if not context.acquire():
        return False
    context.release()
    return True
