# SPDX-License-Identifier: LGPL-2.1-or-later
"""asyncio on GLib, the plainest way: a selector whose select() iterates a main context."""

import selectors

from gi.repository import GLib

FAILED = GLib.IOCondition.HUP | GLib.IOCondition.ERR


class GLibSelector(selectors.SelectSelector):
    """The main context does the waiting; the parent then says which descriptors are ready."""

    def __init__(self, context):
        super().__init__()
        self._context = context
        self._sources = {}

    def _watch(self, source):
        source.set_callback(lambda *_: GLib.SOURCE_CONTINUE)
        source.attach(self._context)
        return source

    def register(self, fileobj, events, data=None):
        key = super().register(fileobj, events, data)
        condition = FAILED
        if events & selectors.EVENT_READ:
            condition |= GLib.IOCondition.IN
        if events & selectors.EVENT_WRITE:
            condition |= GLib.IOCondition.OUT
        self._sources[key.fd] = self._watch(GLib.unix_fd_source_new(key.fd, condition))
        return key

    def unregister(self, fileobj):
        key = super().unregister(fileobj)
        self._sources.pop(key.fd).destroy()
        return key

    def select(self, timeout=None):
        may_block = timeout is None or timeout > 0
        alarm = None
        if may_block and timeout is not None:
            alarm = self._watch(GLib.timeout_source_new(max(1, int(timeout * 1000))))
        self._context.iteration(may_block)
        if alarm is not None:
            alarm.destroy()
        return super().select(0)
