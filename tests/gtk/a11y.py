# SPDX-License-Identifier: LGPL-2.1-or-later
"""The widgets of an application, as the bus of AT-SPI tells them.

To ask for each widget by itself takes as many round trips as there are widgets, each
through the main loop of the application: seconds, if it is busy. So a Snapshot asks for all
at once, and the Widgets that are found in it are asked anew when something is wanted of
them."""

import ast
import functools
import re

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # noqa: E402

NAME = 'org.a11y.atspi.'
PROPERTIES = 'org.freedesktop.DBus.Properties'
TOP = '/org/a11y/atspi/accessible/root'
NULL = '/org/a11y/atspi/null'

# What GVariant prints of an item: unpack() takes 100 times as long as this, for thousands of
# values.
TEXT = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
ITEM = re.compile(rf'\(\({TEXT}, {TEXT}\), \({TEXT}, {TEXT}\), \({TEXT}, {TEXT}\), (-?\d+), (\d+),'
                  rf' \[([^]]*)\], {TEXT}, (\d+), {TEXT}, \[(\d+), (\d+)\]\)')


def string(text):
    """What is printed so."""
    return ast.literal_eval(text) if '\\' in text else text[1:-1]


@functools.cache
def role_name(number):
    return re.sub('^push ', '', Atspi.role_get_name(Atspi.Role(number)))


class Bus:
    """That of AT-SPI, which is another than the session's."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address, = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress',
                                     None, None, Gio.DBusCallFlags.NONE, -1, None)
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def ask(self, *calls):
        """What each of (who, path, interface, method, arguments) returns, asked together."""
        answers = []
        for number, (who, path, interface, method, arguments) in enumerate(calls):
            self.connection.call(
                who, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1, None,
                lambda _, result, number: answers.append((number, result)), number)
        while len(answers) < len(calls):
            GLib.MainContext.default().iteration(True)
        return [self.connection.call_finish(result) for _, result in
                sorted(answers, key=lambda answer: answer[0])]

    def names(self):
        """Of the applications that are there, with their process IDs."""
        children, = self.ask(('org.a11y.atspi.Registry', TOP, NAME + 'Accessible',
                                 'GetChildren', None))
        dbus = ('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetConnectionUnixProcessID')
        found = {}
        for name, _ in children.unpack()[0]:
            try:
                found[name], = self.ask((*dbus, GLib.Variant('(s)', (name,))))[0]
            except GLib.Error:
                continue  # it has just gone
        return found


class Item:
    """A widget in a snapshot."""

    def __init__(self, match):
        self.path, self.parent = match[2][1:-1], match[6][1:-1]
        self.index, self.n_children = int(match[7]), int(match[8])
        self.has_size = f"'{NAME}Component'" in match[9]
        self.name, self.role = string(match[10]), role_name(int(match[11]))
        self.visible = bool(int(match[13]) >> int(Atspi.StateType.VISIBLE) & 1)
        self.children = []

    def fits(self, role, name):
        if role is not None and self.role != role:
            return False
        if isinstance(name, re.Pattern):
            return name.search(self.name) is not None
        return name is None or self.name == name


class Snapshot:
    """All widgets of an application, at some moment."""

    def __init__(self, bus, who):
        self.bus, self.who, self.sizes = bus, who, {}
        self.take()
        unknown, before = self.unknown(), None
        while unknown and unknown != before:
            self.take()
            unknown, before = self.unknown(), unknown

    def take(self):
        answer, = self.bus.ask((self.who, '/org/a11y/atspi/cache', NAME + 'Cache', 'GetItems',
                                None))
        items = map(Item, ITEM.finditer(answer.print_(False)))
        self.items = {item.path: item for item in items}
        for item in self.items.values():
            if item.parent in self.items:
                self.items[item.parent].children.append(item)
        for item in self.items.values():
            item.children.sort(key=lambda child: child.index)

    def unknown(self):
        """Those that are missing: GTK tells only of what was asked for before."""
        answers = self.bus.ask(*[(self.who, item.path, NAME + 'Accessible', 'GetChildren', None)
                                 for item in self.items.values()
                                 if len(item.children) < item.n_children])
        return {path for answer in answers for _, path in answer.unpack()[0]
                if path != NULL} - self.items.keys()

    def walk(self, path):
        """It and all below that are not hidden; those less deep come first."""
        waiting = [self.items[path]] if path in self.items else []
        for item in waiting:
            yield item
            waiting += [child for child in item.children if child.visible]

    def way(self, item, top):
        """From it up to one below the top."""
        while item.path != top:
            yield item
            item = self.items[item.parent]

    def find(self, top, role=None, name=None):
        """Paths of those at or below a path that fit and are seen.

        What was never shown, such as another page of a stack, has no size, and what is in
        it is said to be visible. GTK 4.8 does not tell a page that was shown before from one
        that is.
        """
        ways = {item.path: [step.path for step in self.way(item, top) if step.has_size]
                for item in self.walk(top) if item.fits(role, name)}
        wanted = list({step for way in ways.values() for step in way} - self.sizes.keys())
        sizes = self.bus.ask(*[(self.who, path, NAME + 'Component', 'GetSize', None)
                               for path in wanted])
        self.sizes.update(zip(wanted, (size.unpack() for size in sizes)))
        return [path for path, way in ways.items()
                if all(self.sizes[step] != (0, 0) for step in way)]


class Widget:
    """What AT-SPI tells of a widget, asked anew each time."""

    kind = None  # the class of those that are found

    def __init__(self, bus, who, path):
        self.bus, self.who, self.path = bus, who, path

    def other(self, path):
        return self.kind(self.bus, self.who, path)

    def call(self, interface, method, signature='()', *arguments):
        answer, = self.bus.ask((self.who, self.path, interface, method,
                                GLib.Variant(signature, arguments)))
        answer = answer.unpack()
        return answer[0] if len(answer) == 1 else answer

    def ask(self, interface, method, signature='()', *arguments):
        return self.call(NAME + interface, method, signature, *arguments)

    def get(self, interface, name):
        return self.call(PROPERTIES, 'Get', '(ss)', NAME + interface, name)

    def has(self, interface):
        return NAME + interface in self.ask('Accessible', 'GetInterfaces')

    role = property(lambda self: role_name(self.ask('Accessible', 'GetRole')))
    name = property(lambda self: self.get('Accessible', 'Name'))
    description = property(lambda self: self.get('Accessible', 'Description'))
    value = property(lambda self: self.get('Value', 'CurrentValue'))

    @property
    def states(self):
        low, high = self.ask('Accessible', 'GetState')
        return {Atspi.StateType(number).value_nick for number in range(64)
                if (low | high << 32) >> number & 1}

    @property
    def text(self):
        if not self.has('Text'):
            return self.name
        return self.ask('Text', 'GetText', '(ii)', 0, self.get('Text', 'CharacterCount'))

    @property
    def area(self):
        """Where it is on the screen: x, y, width, height."""
        return self.ask('Component', 'GetExtents', '(u)', 1) if self.has('Component') else None

    @property
    def sensitive(self):
        return 'sensitive' in self.states

    @property
    def checked(self):
        return bool({'checked', 'pressed'} & self.states)

    @property
    def children(self):
        return [self.other(path)
                for _, path in self.ask('Accessible', 'GetChildren') if path != NULL]

    def all(self, role=None, name=None):
        """Those at or below this one that are seen and fit; those less deep come first.

        name: the whole of it, or a pattern (re.compile()) that is in it.
        """
        return [self.other(path) for path in
                Snapshot(self.bus, self.who).find(self.path, role, name)]

    def labels(self, role):
        """What is to be read in each of these at or below this one, from the top."""
        snapshot = Snapshot(self.bus, self.who)
        return [[snapshot.items[label].name for label in snapshot.find(path, 'label')]
                for path in snapshot.find(self.path, role)]

    def named(self, role):
        """Those at or below this one, by their names."""
        snapshot = Snapshot(self.bus, self.who)
        return {snapshot.items[path].name: self.other(path)
                for path in snapshot.find(self.path, role)}

    def first(self, role=None, name=None):
        """Of all(), or None."""
        return next(iter(self.all(role, name)), None)

    def press(self):
        """What a click or the space bar does: of a button, a row, a switch. Some have the
        real button within."""
        for widget in self.all():
            if widget.has('Action') and widget.get('Action', 'NActions') > 0:
                assert widget.ask('Action', 'DoAction', '(i)', 0), f'{self} cannot be pressed'
                return
        raise AssertionError(f'{self} is nothing to press')

    def set_value(self, value):
        """Of a slider or a spin button."""
        self.call(PROPERTIES, 'Set', '(ssv)', NAME + 'Value', 'CurrentValue',
                  GLib.Variant('d', value))

    def set_text(self, text):
        """At once; App.type() is for keys one by one."""
        assert self.ask('EditableText', 'SetTextContents', '(s)', text), self

    def tree(self):
        """For whoever writes a test: what there is to find."""
        snapshot, lines = Snapshot(self.bus, self.who), []
        seen = set(snapshot.find(self.path))

        def add(item, depth):
            lines.append(f'{"  " * depth}{item.role} "{item.name}"')
            for child in item.children:
                if child.path in seen:
                    add(child, depth + 1)
        add(snapshot.items[self.path], 0)
        return '\n'.join(lines)

    def __str__(self):
        return f'{self.role} "{self.name}"'
