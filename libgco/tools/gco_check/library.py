# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds libclang and its Python module, of whatever version there is."""

import glob
import importlib
import os
import re
import sys

ADVICE = 'on Debian: apt install python3-clang-14; elsewhere the packages of clang, or pip'
FOLDERS = ('/usr/lib/llvm-*/lib', '/usr/lib/*-linux-gnu', '/usr/lib64', '/usr/lib',
           '/usr/local/lib')


class Missing(Exception):
    """There is no libclang that works."""


def module():
    """clang.cindex; the system's copy serves a Python that has none, for it is only Python."""
    path = list(sys.path)
    for more in ([], ['/usr/lib/python3/dist-packages']):
        sys.path[:] = path + more
        try:
            return importlib.import_module('clang.cindex')
        except ImportError:
            sys.modules.pop('clang', None)
        finally:
            sys.path[:] = path
    raise Missing(f'there is no Python module clang.cindex ({ADVICE})')


def version(path):
    found = re.search(r'(?:llvm-|libclang-)(\d+)', path)
    return int(found[1]) if found else 0


def candidates():
    """The file to use, the newest first; an environment variable comes before all."""
    wanted = os.environ.get('GCO_CHECK_LIBCLANG')
    if wanted:
        return [wanted]
    found = [path for folder in FOLDERS for name in ('libclang.so*', 'libclang-[0-9]*.so*')
             for path in glob.glob(f'{folder}/{name}')]
    return sorted(found, key=version, reverse=True)


def works(cindex, path):
    config = cindex.Config
    config.loaded = False
    config.library_file = path
    cindex.conf.__dict__.pop('lib', None)
    try:
        cindex.conf.lib  # pylint: disable=pointless-statement
        return True
    except cindex.LibclangError:
        return False


def load():
    """clang.cindex, ready; its own idea of the library first, for the two must agree."""
    cindex = module()
    wanted = os.environ.get('GCO_CHECK_LIBCLANG')
    paths = ([] if wanted else [None]) + candidates()
    for path in paths:
        if works(cindex, path):
            return cindex
    raise Missing(f'there is no libclang for {cindex.__file__} ({ADVICE})')
