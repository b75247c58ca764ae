# SPDX-License-Identifier: LGPL-2.1-or-later
"""With this folder in PYTHONPATH, PyGObject finds Gco.py where it lies in the source tree."""

import os

try:
    import gi.overrides
except ImportError:
    pass
else:
    gi.overrides.__path__.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
