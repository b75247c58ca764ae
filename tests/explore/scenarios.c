/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenarios.h"

#define DECLARED(name) &scenario_##name,

const ExploreScenario *const explore_scenarios[] = {
  EXPLORE_SCENARIOS (DECLARED)
      NULL,
};
