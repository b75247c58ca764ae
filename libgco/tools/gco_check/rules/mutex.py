# SPDX-License-Identifier: LGPL-2.1-or-later
"""A thread's mutex that is held while a coroutine waits: the next coroutine of the thread that
wants it waits for ever, and unlocking may happen in another thread. Only what is simple is
seen: the lock and the wait in one function, the unlock after both."""

NAME = 'mutex'
ABOUT = "a coroutine_fn waits while it holds a thread's mutex"

LOCK = {'g_mutex_lock': 'g_mutex_unlock', 'g_rec_mutex_lock': 'g_rec_mutex_unlock',
        'g_rw_lock_writer_lock': 'g_rw_lock_writer_unlock',
        'g_rw_lock_reader_lock': 'g_rw_lock_reader_unlock',
        'pthread_mutex_lock': 'pthread_mutex_unlock', 'mtx_lock': 'mtx_unlock'}
UNLOCK = {unlock: lock for lock, unlock in LOCK.items()}
# until the end of the block
LOCKER = {'g_mutex_locker_new', 'g_rec_mutex_locker_new', 'g_rw_lock_writer_locker_new',
          'g_rw_lock_reader_locker_new'}


def never_waits(name):
    """Marked because only a coroutine may call it."""
    return name.endswith(('unlock', 'downgrade')) or '_try' in name


def text(call):
    words = [token.spelling for token in call.arguments[0].get_tokens()] if call.arguments else []
    return ' '.join(words)


def check(function, _settings):
    if not function.suspends:
        return
    held = {}
    for call in function.calls:
        # what was locked in a block that has ended: by a locker, or on a path of its own
        held = {key: block for key, block in held.items()
                if call.block[:len(block)] == block}
        if call.name in LOCK or call.name in LOCKER:
            held[call.name, text(call)] = call.block
        elif call.name in UNLOCK:
            held.pop((UNLOCK[call.name], text(call)), None)
        elif held and function.marks.suspends(call.callee) and not never_waits(call.name):
            (name, what), _ = next(iter(held.items()))
            yield call.cursor, f'{call.name} () waits, and {name} ({what}) is still held'
