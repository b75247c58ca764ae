# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the public headers declare, and the doc comments there are."""

import re

PUBLIC = re.compile(r'libgco/(gio/)?gco(-[a-z-]+)?\.h(\.in)?$')

# what makes the others work, and is no word of the interface
PLUMBING = re.compile(r'GCO_(EXTERN|AVAILABLE_\w+|INSIDE|COMPILATION|SHORT_NAMES|TYPE_\w+)$')


def is_public(path):
    return bool(PUBLIC.match(path)) and not path.endswith('-private.h')


def plain(text):
    """Without comments, continuation lines joined."""
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    return text.replace('\\\n', ' ')


def split(parameters):
    """The names in a parameter list; those of function type are not used here."""
    names = []
    for parameter in parameters.split(','):
        parameter = parameter.strip()
        if parameter == '...':
            names.append('...')
        elif parameter not in ('', 'void'):
            names.append(re.sub(r'\[.*\]$', '', parameter).split()[-1].lstrip('*'))
    return names


class Word:
    def __init__(self, path, name, kind, parameters=(), returns=False):
        self.path, self.name, self.kind = path, name, kind
        self.parameters, self.returns = list(parameters), returns


FUNCTION = re.compile(
    r'^(?P<mark>GCO_AVAILABLE_\w+|static inline|G_GNUC_\w+)\s+(?P<type>[\w\s*]*?)'
    r'\b(?P<name>gco_\w+)\s*\((?P<args>[^()]*(?:\([^()]*\)[^()]*)*)\)', re.M)
UNMARKED = re.compile(r'^(?!static|typedef|#)[\w *]+?\b(gco_\w+)\s*\([^;{]*\)[^;{]*;', re.M)
CALLBACK = re.compile(r'typedef\s+(?P<type>[\w\s*]+?)\(\*\s*(?P<name>Gco\w+)\)\s*'
                      r'\((?P<args>[^()]*)\)')
MACRO = re.compile(r'^\s*#\s*define\s+(?P<name>(?:GCO|gco)_\w+)(?P<args>\([^)]*\))?', re.M)
TYPE = re.compile(r'typedef\s+(?:struct|union|enum)\s+(?:\w+\s*)?(?:\{[^}]*\}\s*)?(\w+)\s*;')
GTYPE = re.compile(r'G_DECLARE_\w+_TYPE\s*\(\s*(\w+)\s*,\s*(\w+)')


def declared(texts):
    """What a header says is public: {name: Word}."""
    words = {}

    def add(*what):
        words.setdefault(what[1], Word(*what))

    for path, raw in texts.items():
        if not is_public(path):
            continue
        text = plain(raw)
        for found in FUNCTION.finditer(text):
            kind = 'inline' if found['mark'] == 'static inline' else 'function'
            type_ = found['type'].replace('gco_coroutine_fn', '').replace('coroutine_fn', '')
            add(path, found['name'], kind, split(found['args']), type_.split() != ['void'])
        for found in CALLBACK.finditer(text):
            add(path, found['name'], 'callback', split(found['args']),
                found['type'].split() != ['void'])
        for found in MACRO.finditer(text):
            if not PLUMBING.match(found['name']):
                add(path, found['name'], 'macro', split((found['args'] or '')[1:-1]), None)
        for found in TYPE.finditer(text):
            add(path, found[1], 'type', (), None)
        for found in GTYPE.finditer(text):
            add(path, found[1], 'type', (), None)
            add(path, found[2] + '_get_type', 'get_type')
    return words


def unmarked(texts):
    """(path, name) of functions declared in a public header and not exported."""
    for path, raw in texts.items():
        if is_public(path):
            for found in re.finditer(r'^(.*\n)([\w *]*?\b(gco_\w+) \()', plain(raw), re.M):
                marks = found[1] + found[2]
                # a call or a macro's body is indented
                if found[2][:1] not in ' #' and not re.search(
                        r'GCO_AVAILABLE_|static inline|typedef|^#', marks):
                    yield path, found[3]


class Comment:
    def __init__(self, path, name, body):
        self.path, self.name, self.body = path, name, body
        self.parameters = re.findall(r'^@([\w.]+):', body, re.M)
        self.returns = bool(re.search(r'^Returns:', body, re.M))
        self.since = bool(re.search(r'^Since: \d+\.\d+$', body, re.M))
        prose = re.sub(r'^(@[\w.]+:|Returns:|Since:).*(\n.*\S.*)*', '', body, flags=re.M)
        self.prose = bool(prose.strip())


def comments(texts):
    """Every doc comment: a list of Comment."""
    found = []
    for path, text in texts.items():
        for block in re.findall(r'/\*\*\n(.*?)\*/', text, re.S):
            lines = [re.sub(r'^ ?', '', re.sub(r'^\s*\*', '', line)) for line in block.splitlines()]
            name = re.match(r'(?:SECTION:)?([\w:-]+?):(\s|$)', lines[0] if lines else '')
            if name:
                found.append(Comment(path, name[1], '\n'.join(lines[1:])))
            else:
                found.append(Comment(path, '', '\n'.join(lines)))
    return found
