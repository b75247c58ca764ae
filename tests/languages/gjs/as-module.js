// SPDX-License-Identifier: LGPL-2.1-or-later
import Gco from 'gi://Gco?version=1';

imports.searchPath.unshift(ARGV[0]);
imports.scenarios.run(Gco);
