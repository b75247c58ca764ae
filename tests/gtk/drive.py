# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives a GTK 4 application as a person would, on a screen that nobody sees.

    @drive.point
    def counts(desktop):
        with desktop.start([PROGRAM]) as app:
            app.find('button', 'Count').press()
            app.wait_for(lambda: app.find('label', '1'))
            app.key('ctrl+q')
            app.expect_end()

    drive.main()

What is pressed, read and set goes through AT-SPI; keys and clicks are real events of
the X server. Nothing waits for a time: only for something to be seen, which is looked
for until wait_for() gives up.

Needs Xvfb, dbus-daemon, at-spi2-core, gir1.2-atspi-2.0, xdotool and, for pictures,
ImageMagick. There is no window manager: focus() is what clicking on a title bar does.
"""

import functools
import mmap
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import a11y
from a11y import GLib

PATIENCE = 60  # seconds, for a busy machine; nothing waits for as long as that if it works
COMPLAINT = re.compile(
    r'-(?:WARNING|CRITICAL|ERROR) \*\*|JS (?:ERROR|WARNING)|^Traceback |Warning:|assertion', re.M)
ENVIRONMENT = {
    'ADW_DISABLE_PORTAL': '1', 'GDK_BACKEND': 'x11', 'GDK_DEBUG': 'gl-disable',
    'GSETTINGS_BACKEND': 'memory', 'GSK_RENDERER': 'cairo', 'GTK_A11Y': 'atspi',
    'LC_ALL': 'C.UTF-8', 'NO_AT_BRIDGE': '0'}


class Desktop:
    """A screen, a session bus and a home of its own. One a process: AT-SPI has one bus."""

    def __init__(self, width=1280, height=960):
        self.home = tempfile.TemporaryDirectory(prefix='gco-drive-')
        self.children = []
        for name in list(os.environ):
            if name.startswith(('XDG_CONFIG', 'XDG_CACHE', 'XDG_RUNTIME', 'XDG_DATA_HOME',
                                'WAYLAND', 'AT_SPI', 'GTK_')):
                del os.environ[name]
        os.environ.update(ENVIRONMENT, HOME=self.home.name, XDG_RUNTIME_DIR=self.home.name)
        self.configure()
        try:
            screen = f'{width}x{height}x24'
            os.environ['DISPLAY'] = ':' + self.serve(
                lambda fd: ['Xvfb', '-displayfd', fd, '-screen', '0', screen,
                            '-fbdir', self.home.name, '-nolisten', 'tcp', '-noreset'])
            os.environ['DBUS_SESSION_BUS_ADDRESS'] = self.serve(
                lambda fd: ['dbus-daemon', '--session', '--nofork', f'--print-address={fd}'])
        except BaseException:
            self.close()
            raise

    def configure(self):
        """As on a GNOME desktop, but without what takes time to move, and without the frame
        that a window draws for itself where nothing else does."""
        folder = os.path.join(self.home.name, '.config/gtk-4.0')
        os.makedirs(folder)
        with open(os.path.join(folder, 'settings.ini'), 'w') as file:
            file.write('[Settings]\ngtk-font-name=Cantarell 11\n'
                       'gtk-decoration-layout=:close\ngtk-enable-animations=0\n')
        with open(os.path.join(folder, 'gtk.css'), 'w') as file:
            file.write('window.solid-csd { padding: 0; box-shadow: none; border: none; }\n')

    @functools.cached_property
    def screen(self):
        return Screen(os.path.join(self.home.name, 'Xvfb_screen0'))

    def serve(self, command):
        """Starts a server, which writes its address to a descriptor when it is there."""
        reader, writer = os.pipe()
        with open(os.path.join(self.home.name, 'servers.log'), 'ab') as log, open(reader) as says:
            self.children.append(subprocess.Popen(
                command(str(writer)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[writer]))
            os.close(writer)
            address = says.readline().strip()
        if not address:
            raise RuntimeError(f'{self.children[-1].args[0]} did not start')
        return address

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        # the bus first: what it has started ends with it, while there is a screen
        for child in reversed(self.children):
            child.terminate()
            child.wait()
        self.home.cleanup()

    def start(self, command, **env):
        return App(command, {**os.environ, **env}, self.home.name, self.bus)

    @functools.cached_property
    def bus(self):
        return a11y.Bus()


class Screen:
    """What is on it, right now: the X server's own memory."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack('>25I', self.memory[:100])  # as of xwd
        self.line = header[12]
        self.start = header[0] + 12 * header[19]

    def pixel(self, x, y):
        """(red, green, blue)"""
        place = self.start + y * self.line + 4 * x
        return tuple(reversed(self.memory[place:place + 3]))

    def column(self, x, y, height):
        """To be compared with another of the same place, 1 pixel wide: the greens."""
        place = self.start + y * self.line + 4 * x + 1
        return self.memory[place:place + height * self.line:self.line]


class Widget(a11y.Widget):
    """What is looked for is waited for."""

    def find(self, role=None, name=None):
        """The first of all(). Keep what it returns if the application is busy."""
        return wait_for(lambda: self.first(role, name), f'{role or "widget"} {name or ""}')

    def click(self, button=1):
        """With the pointer, in the middle of it. In a window that is at 0, 0."""
        x, y, width, height = self.area
        run('xdotool', 'mousemove', str(x + width // 2), str(y + height // 2),
            'click', str(button))


Widget.kind = Widget


class App(Widget):
    """A running application. It ends with expect_end(), or is killed."""

    def __init__(self, command, env, folder, bus):
        super().__init__(bus, None, a11y.TOP)
        self.errors = tempfile.TemporaryFile('w+', dir=folder, errors='replace')
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                        stdout=self.errors, stderr=self.errors)
        try:
            self.who = wait_for(self.look, 'the application on the bus of AT-SPI')
            wait_for(lambda: self.children, 'a window')
            self.focus()
            run('xdotool', 'mousemove', '10000', '10000')  # over nothing
        except BaseException:
            self.kill()
            raise

    def look(self):
        status = self.process.poll()
        assert status is None, f'ended at once: {status}\n{self.said()}'
        return next((who for who, pid in self.bus.names().items() if pid == self.process.pid),
                    None)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and self.said():
            say(f'{self.process.args[0]} said:\n{self.said()}')
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()

    def windows(self):
        """Those on the screen, in the order in which they came; open menus count."""
        return ask('xdotool', 'search', '--onlyvisible', '--pid', str(self.process.pid))

    def focus(self, window=-1):
        """Gives a window the keyboard, the newest if none is named."""
        def look():
            windows = self.windows()
            if not windows:
                return False
            ask('xdotool', 'windowfocus', windows[window])
            return ask('xdotool', 'getwindowfocus') == [windows[window]]
        wait_for(look, 'a window that has the keyboard')

    def key(self, *keys):
        """Such as 'ctrl+q', 'Escape', to whatever has the focus."""
        self.expect_focus()
        run('xdotool', 'key', '--clearmodifiers', *keys)

    def type(self, text):
        self.expect_focus()
        run('xdotool', 'type', '--clearmodifiers', text)

    def expect_focus(self):
        # the server takes it from a window that was not on the screen for a moment
        if not set(ask('xdotool', 'getwindowfocus')) & set(self.windows()):
            self.focus()

    def wait_for(self, what, name=None):
        """Until what() is true, which it returns, or the application has ended."""
        def look():
            found = what()
            assert found or self.process.poll() is None, f'has ended: {self.said()}'
            return found
        return wait_for(look, name)

    def said(self):
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read()

    def expect_end(self, status=0, known='(?!)'):
        """It ends by itself, as it should, and has nothing to complain about but of what is
        known: a pattern of lines."""
        ended = self.process.wait(PATIENCE)
        said = self.said()
        assert ended == status, f'returned {ended}:\n{said}'
        unknown = '\n'.join(line for line in said.splitlines() if not re.search(known, line))
        assert COMPLAINT.search(unknown) is None, f'complained:\n{said}'

    def picture(self, path, window=0):
        """Of a window as it is on the screen, with what is before it."""
        x, y, width, height = self.children[window].area
        run('import', '-window', 'root', '-crop', f'{width}x{height}+{x}+{y}', '+repage', path)


def run(*command):
    subprocess.run(command, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                   capture_output=True)


def ask(*command):
    """The words that a command says; none if it fails, as with a window that has gone."""
    return subprocess.run(command, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True).stdout.split()


def wait_for(what, name=None):
    """Until what() is true, which it returns. Widgets may vanish while one looks."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found, problem = what(), ''
        except GLib.Error as error:
            found, problem = None, f' ({error.message})'
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f'waited in vain for {name or what}{problem}')
        # what the bus tells meanwhile
        tick = GLib.timeout_add(20, lambda: GLib.SOURCE_CONTINUE)
        GLib.MainContext.default().iteration(True)
        GLib.source_remove(tick)


POINTS = []


def point(function):
    """A test: it is given the desktop."""
    POINTS.append(function)
    return function


def say(text):
    """Something measured or seen, for the log."""
    print('# ' + str(text).replace('\n', '\n# '), flush=True)


def main():
    """Runs the points, or those named on the command line, and speaks TAP."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    named = [name for name in sys.argv[1:] if name in {f.__name__ for f in POINTS}]
    chosen = [f for f in POINTS if not named or f.__name__ in named]
    print(f'1..{len(chosen)}', flush=True)
    failed = 0
    with Desktop() as desktop:
        for number, function in enumerate(chosen, 1):
            try:
                function(desktop)
                verdict = 'ok'
            except Exception:
                verdict = 'not ok'
                failed += 1
                say(traceback.format_exc())
            print(f'{verdict} {number} - {function.__name__}', flush=True)
    sys.exit(1 if failed else 0)
