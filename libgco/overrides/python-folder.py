# SPDX-License-Identifier: LGPL-2.1-or-later
"""python-folder.py PREFIX FOLDER: prints FOLDER, or where below PREFIX this Python looks
for packages, if that is elsewhere."""

import site
import sys

prefix, folder = sys.argv[1:]
folders = site.getsitepackages()
if folder not in folders:
    folder = next((other for other in folders if other.startswith(prefix + '/lib')), folder)
print(folder)
