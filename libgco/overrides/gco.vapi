/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pkg-config calls gco is gco-1 for Vala: see gco.deps. */
