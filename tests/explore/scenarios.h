/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "explore.h"

/* clang-format off */
#define EXPLORE_SCENARIOS(use) \
 use (notify) use (notify_spin) use (ready) use (oneshot) \
 use (wake) use (bh) use (move) use (mutex) \
 use (mutex_three) use (mutex_try) use (mutex_freed) use (mutex_cancel) \
 use (mutex_cancel_line) use (mutex_until) use (queue) use (queue_two) \
 use (queue_cancel) use (queue_restart) use (rwlock) use (rwlock_upgrade) \
 use (rwlock_downgrade) use (rwlock_cancel) use (rwlock_cancel_upgrade) use (semaphore) \
 use (semaphore_cancel) use (queue_cancel_only) use (rwlock_stand_in) use (wake_early) \
 use (bh_free) use (teardown) use (mutex_hop) use (channel) \
 use (channel_cancel) use (sleep) use (shutdown_hop) use (shutdown_hop_claimed) \
 use (mutex_look) \
 use (notify_main) use (ready_main) use (oneshot_main) use (wake_main) \
 use (wake_early_main) use (bh_main) use (bh_free_main) use (move_main) \
 use (mutex_main) use (mutex_cancel_main) use (sleep_main) use (main_asked) \
 use (main_polled) use (main_within) use (main_timer) use (main_teardown) \
 use (async) use (async_cancel) use (async_unheard) use (async_queue) \
 use (async_cancel_only) use (fd_cancel) use (fd_cancel_main) use (fd_shutdown) \
 use (fd_shutdown_main) use (shutdown_lock)
/* clang-format on */

#define EXPLORE_DECLARE(name) extern const ExploreScenario scenario_##name;
EXPLORE_SCENARIOS (EXPLORE_DECLARE)
