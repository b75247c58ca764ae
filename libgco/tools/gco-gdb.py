# SPDX-License-Identifier: LGPL-2.1-or-later
"""The coroutines of libgco, in gdb: of a live process and of a core file.

gco list       each coroutine: its number, its name, what it waits for, and how much of its
               stack is in use where it waits
gco bt [N]     where coroutine number N is, or the one of the thread; "all" for all
gco locks      each lock that somebody waits for: who holds it, and who waits
gco stacks     how much of its stack each uses where it waits, and has used at most

gdb loads this beside the library; from elsewhere: source gco-gdb.py. It reads the debugging
information of the library.
"""

import gdb
from gdb.unwinder import Unwinder

HELD_ASYNC = 8
HELD_PASSING = 16
FLAGS = 7


def static(name):
    return gdb.parse_and_eval(f"'gco-stack.c'::{name}")


def pointer(name):
    return gdb.lookup_type(name).pointer()


def text(value):
    return value.string(errors='replace') if value else ''


class Coroutine:
    def __init__(self, value):
        self.value = value
        self.address = int(value)

    def __str__(self):
        return f"{text(self.value['name']) or 'unnamed'} ({self.address:#x})"

    @property
    def waiter(self):
        waiter = self.value['waiter']
        return waiter.cast(pointer('GcoWaiter')) if waiter else None

    @property
    def is_suspended(self):
        return not self.value['caller']

    @property
    def base(self):
        return int(self.value['stack']['base'])

    @property
    def size(self):
        return int(self.value['stack']['size'])

    def depth(self):
        used = self.base + self.size - int(self.value['context']['sp'])
        return f'stack {used // 1024} of {self.size // 1024} KiB'

    def most(self):
        """What it, or who had the stack before, has ever used."""
        page = int(gdb.parse_and_eval('gco_stack_page_size::size'))
        start, end = self.base + page, self.base + self.size
        touched = touched_in_process(start, end, page)
        if touched is None:
            touched = touched_in_memory(start, end, page)
        return f'at most {(end - touched) // 1024} KiB'

    def state(self):
        if not self.is_suspended:
            return 'runs, or has entered another'
        if self.value['scheduled']:
            return f"is about to run, by {text(self.value['scheduled'])}()"
        if self.waiter is None:
            return 'waits to be entered or woken'
        state = f'waits for {Lock(self.waiter)}'
        holder = Lock(self.waiter).holder()
        return state + (f', held by {holder}' if holder else '')


def touched_in_process(start, end, page):
    """The lowest page from @start on that was written to, or @end; None where there is no
    process to ask. To read them all would provide them."""
    inferior = gdb.selected_inferior()
    connection = getattr(inferior, 'connection', None)
    if connection is None or connection.type != 'native':
        return None
    try:
        with open(f'/proc/{inferior.pid}/pagemap', 'rb') as pages:
            pages.seek(start // page * 8)
            entries = pages.read((end - start) // page * 8)
    except OSError:
        return None
    for i in range(0, len(entries), 8):
        # the two highest bits: present, or swapped out
        if entries[i + 7] & 0xc0:
            return start + i // 8 * page
    return end


def touched_in_memory(start, end, page):
    """The same of a core: there it is the lowest that is not all zeros."""
    memory = gdb.selected_inferior().read_memory(start, end - start).tobytes()
    return end - (len(memory.lstrip(b'\0')) + page - 1) // page * page


class Lock:
    """What a waiter waits for."""

    def __init__(self, waiter):
        self.address = int(waiter['lock'])
        self.klass = waiter['klass']
        self.what = text(self.klass['what'])

    def __str__(self):
        return f'{self.what} {self.address:#x}' if self.address else self.what

    def holder(self):
        if self.what.startswith('a GcoMutex'):
            value = int(self.view('GcoMutex')['state']) & ~FLAGS
        elif self.what.startswith('a GcoRwlock'):
            value = int(self.view('GcoRwlock')['writer'])
            if value == HELD_PASSING:
                return ''
            if not value:
                return f"{int(self.view('GcoRwlock')['n_readers'])} readers"
        else:
            return ''
        if value == HELD_ASYNC:
            return 'an asynchronous caller'
        return str(Coroutine(gdb.Value(value).cast(pointer('GcoCoroutine')))) if value else ''

    def view(self, name):
        return gdb.Value(self.address).cast(pointer(name)).dereference()


def coroutines():
    """All that are in use, in the order of their addresses."""
    size = int(static('record_size'))
    regions = static('regions')
    found = []
    for i in range(regions.type.sizeof // regions.type.target().sizeof):
        region = regions[i]
        while region:
            start = int(region['records'])
            for n in range(int(region['n_carved'])):
                value = gdb.Value(start + n * size).cast(pointer('GcoCoroutine'))
                if value['func']:
                    found.append(Coroutine(value))
            region = region['next']
    return sorted(found, key=lambda coroutine: coroutine.address)


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Visit(Unwinder):
    """While it has a context, what called the innermost frame is what that one left."""

    REGISTERS = {
        'i386:x86-64': {'sp': 'rsp', 'fp': 'rbp', 'ip': 'rip'},
        'aarch64': {'sp': 'sp', 'fp': 'x29', 'ip': 'pc'},
    }

    def __init__(self):
        super().__init__('libgco')
        self.context = None

    def __call__(self, pending):
        if self.context is None or pending.level() != 0:
            return None
        names = self.REGISTERS.get(pending.architecture().name())
        if names is None:
            return None
        sp = pending.read_register(names['sp'])
        pc = pending.read_register(names['ip'])
        info = pending.create_unwind_info(FrameId(sp, pc))
        for field, register in names.items():
            value = self.context[field].cast(pending.read_register(register).type)
            info.add_saved_register(register, value)
        return info

    def frames(self, context):
        """The lines of a backtrace from there."""
        self.context = context
        gdb.invalidate_cached_frames()
        try:
            frame = gdb.newest_frame().older()
            while frame is not None:
                yield self.line(frame)
                frame = frame.older()
        finally:
            self.context = None
            gdb.invalidate_cached_frames()

    @staticmethod
    def line(frame):
        where = frame.find_sal()
        at = f' at {where.symtab.filename}:{where.line}' if where.symtab else ''
        return f'{frame.pc():#x} in {frame.name() or "??"}{at}'


VISIT = Visit()
gdb.unwinder.register_unwinder(None, VISIT, replace=True)


class Gco(gdb.Command):
    """Look at the coroutines of libgco: gco list, gco bt [N|all], gco locks, gco
    stacks."""

    def __init__(self):
        super().__init__('gco', gdb.COMMAND_STACK, prefix=True)


class List(gdb.Command):
    """gco list: each coroutine, and what it waits for."""

    def __init__(self):
        super().__init__('gco list', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        for number, coroutine in enumerate(coroutines(), 1):
            stack = f' [{coroutine.depth()}]' if coroutine.is_suspended else ''
            print(f'{number:3} {coroutine} {coroutine.state()}{stack}')


class Stacks(gdb.Command):
    """gco stacks: how much of its stack each coroutine uses, and has used at most."""

    def __init__(self):
        super().__init__('gco stacks', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        for number, coroutine in enumerate(coroutines(), 1):
            stack = coroutine.depth() if coroutine.is_suspended else 'runs'
            print(f'{number:3} {coroutine} {stack}, {coroutine.most()}')


class Backtrace(gdb.Command):
    """gco bt [N|all]: where coroutine N of "gco list" is, or all of them."""

    def __init__(self):
        super().__init__('gco bt', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        found = list(enumerate(coroutines(), 1))
        if argument not in ('', 'all'):
            if not argument.isdigit() or not 1 <= int(argument) <= len(found):
                raise gdb.GdbError(f'There are coroutines 1 to {len(found)}: see "gco list".')
            found = found[int(argument) - 1:int(argument)]
        elif argument == '':
            found = [pair for pair in found if not pair[1].is_suspended]
            if not found:
                raise gdb.GdbError('No coroutine runs: "gco bt all" for those that wait.')
        for number, coroutine in found:
            print(f'{number:3} {coroutine} {coroutine.state()}')
            if coroutine.is_suspended:
                for level, line in enumerate(VISIT.frames(coroutine.value['context'])):
                    print(f'    #{level:<2} {line}')
            else:
                print('    see "bt" in its thread')


class Locks(gdb.Command):
    """gco locks: each lock that is waited for, who holds it, and who waits."""

    def __init__(self):
        super().__init__('gco locks', gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        waited_for = {}
        for coroutine in coroutines():
            if coroutine.is_suspended and coroutine.waiter is not None:
                lock = Lock(coroutine.waiter)
                if lock.address:
                    waited_for.setdefault(lock.address, (lock, []))[1].append(coroutine)
        for lock, waiting in waited_for.values():
            holder = lock.holder()
            print(f'{lock}' + (f', held by {holder}' if holder else ''))
            for coroutine in waiting:
                print(f'    {coroutine}')


for command in (Gco, List, Backtrace, Locks, Stacks):
    command()
