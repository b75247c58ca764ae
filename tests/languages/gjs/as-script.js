// SPDX-License-Identifier: LGPL-2.1-or-later
imports.gi.versions.Gco = '1';
imports.searchPath.unshift(ARGV[0]);
imports.scenarios.run(imports.gi.Gco);
