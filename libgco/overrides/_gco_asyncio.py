# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio's own loop, which knows nothing of GLib, iterates the main context as well.

So asyncio.run() is enough. The loop's selector is what sleeps: ours takes its place, when
something of GLib is awaited first, and sleeps in the main context, where the descriptors
that the other was given wake it.
"""

import math
import selectors
import threading

from gi.repository import GLib

_FAILED = GLib.IOCondition.HUP | GLib.IOCondition.ERR


class _Selector:
    """Whatever it is asked besides select(), the loop's own selector answers."""

    def __init__(self, plain, context, pushed):
        self._plain = plain
        self.context = context
        self._pushed = pushed
        # One descriptor stands for all: epoll's, kqueue's.
        self._ready = GLib.unix_fd_source_new(plain.fileno(), GLib.IOCondition.IN | _FAILED)
        self._ready.set_callback(lambda *_: GLib.SOURCE_CONTINUE)
        self._ready.attach(context)

    def __getattr__(self, name):
        return getattr(self._plain, name)

    def select(self, timeout=None):
        if not _is_free(self.context):  # a thread of its own iterates it by now
            return self._plain.select(timeout)
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
        return self._plain.select(0)

    def close(self):
        self._let_go()
        self._plain.close()

    def __del__(self):
        self._let_go()

    def _let_go(self):
        self._ready.destroy()
        if self._pushed and GLib.MainContext.get_thread_default() == self.context:
            self.context.pop_thread_default()
        self._pushed = False


def _take_place(loop, plain):
    """Of the plain selector of a loop, which runs."""
    context, pushed = GLib.MainContext.get_thread_default(), False
    if context is None and threading.current_thread() is threading.main_thread():
        context = GLib.MainContext.default()
    elif context is None:
        context, pushed = GLib.MainContext.new(), True
        context.push_thread_default()
    loop._selector = _Selector(plain, context, pushed)


def see_to(loop):
    """What is awaited from here on in the thread's main context must arrive.

    Raises RuntimeError if it is known that nothing would iterate it.
    """
    context, selector = GLib.MainContext.ref_thread_default(), getattr(loop, '_selector', None)
    if type(selector) is _Selector and selector.context == context:
        return
    plain = type(selector).__module__ == 'selectors'
    if plain and hasattr(selector, 'fileno'):
        if _is_free(context):
            _take_place(loop, selector)
    # A loop that is not built on a selector, as gbulb's, has the context while it runs.
    elif plain or not isinstance(selector, selectors.BaseSelector) and not context.is_owner():
        if _is_free(context):
            raise RuntimeError(f'{loop!r} does not iterate the main context of its thread, '
                               'where what is awaited here would arrive')


def _is_free(context):
    """Whether no other thread iterates it."""
    if not context.acquire():
        return False
    context.release()
    return True
