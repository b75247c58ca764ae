# SPDX-License-Identifier: LGPL-2.1-or-later
"""AioContext.poll() by the wrong thread is an exception, not the end of the interpreter."""

import threading

import gi

gi.require_version('Gco', '1')
from gi.repository import Gco, Gio, GLib  # noqa: E402

import harness  # noqa: E402

tap = harness.Tap()


def in_thread(func):
    """What func() returns in another thread, or raises there."""
    got = []

    def work():
        try:
            got.append(func())
        except Exception as error:  # pylint: disable=broad-except
            got.append(error)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return got[0]


def denied(error):
    return (isinstance(error, GLib.Error) and
            error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.PERMISSION_DENIED))


@tap.plain('/context/poll')
def poll():
    ctx, calls = Gco.AioContext(), []
    assert not ctx.poll(False)
    ctx.schedule_oneshot(lambda: calls.append(1))
    assert ctx.poll(True)
    assert calls == [1]


@tap.plain('/context/poll-of-another-thread')
def elsewhere():
    ctx, calls = Gco.AioContext(), []
    ctx.poll(False)
    assert denied(in_thread(lambda: ctx.poll(False)))
    ctx.schedule_oneshot(lambda: calls.append(1))
    assert denied(in_thread(lambda: ctx.poll(True)))
    assert not calls
    assert ctx.poll(False) and calls == [1]


@tap.plain('/context/poll-attached-to-another-thread')
def attached():
    main_context, ctx = GLib.MainContext(), Gco.AioContext()
    ctx.attach(main_context)
    assert main_context.acquire()
    assert denied(in_thread(lambda: ctx.poll(False)))
    main_context.release()
    assert in_thread(lambda: ctx.poll(False)) is False


tap.main()
