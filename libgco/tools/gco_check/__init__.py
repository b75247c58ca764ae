# SPDX-License-Identifier: LGPL-2.1-or-later
"""What gco-check is made of: one rule a file in rules/, the rest shows it the functions."""
