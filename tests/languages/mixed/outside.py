# SPDX-License-Identifier: LGPL-2.1-or-later
"""Coroutines that meet Python: on the thread's own stack, and on theirs."""

import os
import resource
import subprocess
import sys

from tap import Balance, collect, point, run

from gi.repository import Gco, GcoPartner, Gio, GLib

HERE = os.path.dirname(os.path.abspath(__file__))


def watched_actor():
    actor = GcoPartner.Actor()
    GcoPartner.watch(actor)
    return actor


async def tell_outside():
    told = []
    actor = watched_actor()
    actor.connect('told', lambda _, what: told.append((what, GcoPartner.is_inside())))
    for _ in range(100):
        await Gco.call_async(actor.tell_async, actor.tell_finish, True)
    point('a signal through call_outside', told == [('outside', False)] * 100, told)


async def outcome(key, cancellable=None):
    actor = watched_actor()
    try:
        return await Gco.call_async(actor.fetch_async, actor.fetch_finish, key,
                                    cancellable=cancellable)
    except GLib.Error as error:
        return error.domain, error.code, error.message


async def fetch():
    domain = 'g-io-error-quark'
    point('an operation succeeds', await outcome('you') == 'hello you')
    failed = await outcome('fail')
    point('an operation fails',
          failed == (domain, Gio.IOErrorEnum.NOT_FOUND, 'There is no fail'), failed)
    cancellable = Gio.Cancellable()
    GLib.idle_add(lambda: cancellable.cancel(), priority=GLib.PRIORITY_LOW)
    cancelled = await outcome('never', cancellable)
    point('an operation is cancelled',
          cancelled[:2] == (domain, Gio.IOErrorEnum.CANCELLED), cancelled)


async def call_back():
    """The callback of an operation that succeeds at once, within its coroutine."""
    called = []
    actor = watched_actor()
    actor.fetch_async('you', None, lambda *_: called.append(GcoPartner.is_inside()))
    await collect(lambda: called)
    point('a callback is called outside', called == [False], called)


def play_inside(how, debug):
    environment = {**os.environ, 'GCO_DEBUG': debug}
    return subprocess.run([sys.executable, f'{HERE}/inside.py', how], env=environment,
                          capture_output=True, text=True, timeout=30,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))


def inside():
    """CPython does not mind whose stack it is on, as long as nobody yields there."""
    for how, first in ('tell', 'told inside True'), ('call', 'called True'):
        result = play_inside(how, 'glib,fp')
        point(f'what runs inside ({how}) runs',
              (result.returncode, result.stdout, result.stderr) ==
              (0, f'{first}\nwent on\ntold outside False\n', ''), result)
    result = play_inside('yield', 'frames')
    point('to yield with frames of Python on the stack is fatal, with their name',
          result.returncode < 0 and result.stdout == 'called True\n' and
          'suspends with frames of' in result.stderr and 'python' in result.stderr, result)


async def judge(playing):
    balance = Balance()
    await playing()
    kept = await collect(balance.is_kept)
    point(f'{playing.__name__}: nothing is left', kept, balance)


async def main():
    await judge(tell_outside)
    await judge(fetch)
    await judge(call_back)
    inside()


run(main)
