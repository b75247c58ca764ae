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

PATIENCE = 60  # seconds, for a busy machine; nothing waits for as long as that if it works
COMPLAINT = re.compile(
    r'-(?:WARNING|CRITICAL|ERROR) \*\*|JS (?:ERROR|WARNING)|^Traceback |Warning:|assertion', re.M)
ENVIRONMENT = {
    'ADW_DISABLE_PORTAL': '1', 'GDK_BACKEND': 'x11', 'GDK_DEBUG': 'gl-disable',
    'GSETTINGS_BACKEND': 'memory', 'GSK_RENDERER': 'cairo', 'GTK_A11Y': 'atspi',
    'LC_ALL': 'C.UTF-8', 'NO_AT_BRIDGE': '0'}


def atspi():
    """Only when the bus is there: it looks for it once."""
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi, GLib
    # that an application which has just begun has no cache to read yet
    GLib.log_set_handler('dbind', GLib.LogLevelFlags.LEVEL_WARNING, lambda *_: None, None)
    return Atspi


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
        return App(command, {**os.environ, **env}, self.home.name)


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


class Widget:
    """What AT-SPI tells of a widget, asked anew each time."""

    def __init__(self, accessible):
        self.accessible = accessible

    role = property(lambda self: re.sub('^push ', '', self.accessible.get_role_name()))
    name = property(lambda self: self.accessible.get_name() or '')
    description = property(lambda self: self.accessible.get_description() or '')
    value = property(lambda self: self.accessible.get_value_iface().get_current_value())
    states = property(lambda self: {
        state.value_nick for state in self.accessible.get_state_set().get_states()})

    @property
    def text(self):
        text = self.accessible.get_text_iface()
        return text.get_text(0, text.get_character_count()) if text else self.name

    @property
    def area(self):
        """Where it is on the screen: x, y, width, height."""
        component = self.accessible.get_component_iface()
        if component is None:
            return None
        area = component.get_extents(atspi().CoordType.WINDOW)
        return area.x, area.y, area.width, area.height

    @property
    def visible(self):
        """What was never shown, such as another page of a stack, has no size. GTK 4.8 does
        not tell a page that was shown before from one that is."""
        area = self.area
        return 'visible' in self.states and (area is None or area[2:] != (0, 0))

    @property
    def sensitive(self):
        return 'sensitive' in self.states

    @property
    def checked(self):
        return bool({'checked', 'pressed'} & self.states)

    @property
    def children(self):
        found = (self.accessible.get_child_at_index(i)
                 for i in range(self.accessible.get_child_count()))
        return [Widget(child) for child in found if child is not None]

    def walk(self):
        """This and all below, but not what is hidden."""
        waiting = [self]
        while waiting:
            widget = waiting.pop(0)
            yield widget
            waiting += [child for child in widget.children if child.visible]

    def fits(self, role=None, name=None):
        """name: the whole of it, or a pattern (re.compile()) that is in it."""
        if role is not None and self.role != role:
            return False
        if isinstance(name, re.Pattern):
            return name.search(self.name) is not None
        return name is None or self.name == name

    def all(self, role=None, name=None):
        def look():
            return [[widget for widget in self.walk() if widget.fits(role, name)]]
        return wait_for(look, f'{role or "widgets"} {name or ""}')[0]

    def find(self, role=None, name=None):
        """The first of all(), waited for. Those less deep come first, and sooner: keep what
        it returns if the application is busy."""
        def look():
            return next((widget for widget in self.walk() if widget.fits(role, name)), None)
        return wait_for(look, f'{role or "widget"} {name or ""}')

    def press(self):
        """What a click or the space bar does: of a button, a row, a switch. Some have the
        real button within."""
        for widget in self.walk():
            action = widget.accessible.get_action_iface()
            if action is not None and action.get_n_actions() > 0:
                assert action.do_action(0), f'{self} cannot be pressed'
                return
        raise AssertionError(f'{self} is nothing to press')

    def set_value(self, value):
        """Of a slider or a spin button."""
        assert self.accessible.get_value_iface().set_current_value(value), f'{self} has no value'

    def set_text(self, text):
        """At once; App.type() is for keys one by one."""
        assert self.accessible.get_editable_text_iface().set_text_contents(text), self

    def click(self, button=1):
        """With the pointer, in the middle of it. In a window that is at 0, 0."""
        x, y, width, height = self.area
        run('xdotool', 'mousemove', str(x + width // 2), str(y + height // 2),
            'click', str(button))

    def tree(self, depth=0):
        """For whoever writes a test: what there is to find."""
        lines = [f'{"  " * depth}{self}']
        for child in self.children:
            if child.visible:
                lines.append(child.tree(depth + 1))
        return '\n'.join(lines)

    def __str__(self):
        return f'{self.role} "{self.name}"'


class App(Widget):
    """A running application. It ends with expect_end(), or is killed."""

    def __init__(self, command, env, folder):
        super().__init__(None)
        self.errors = tempfile.TemporaryFile('w+', dir=folder, errors='replace')
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                        stdout=self.errors, stderr=self.errors)
        try:
            self.accessible = wait_for(self.look, 'the application on the bus of AT-SPI')
            # what is kept there is not always told when it changes
            self.accessible.set_cache_mask(atspi().Cache.NONE)
            wait_for(lambda: self.children, 'a window')
            self.focus()
            run('xdotool', 'mousemove', '10000', '10000')  # over nothing
        except BaseException:
            self.kill()
            raise

    def look(self):
        status = self.process.poll()
        assert status is None, f'ended at once: {status}\n{self.said()}'
        desktop = atspi().get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(index)
            if child is not None and child.get_process_id() == self.process.pid:
                return child
        return None

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
    from gi.repository import GLib
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
