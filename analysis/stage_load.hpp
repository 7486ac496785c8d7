// Can a stage of an application carry what comes? Pure functions.
#pragma once

#include "sim/datacenter/applications/application_result.hpp"
#include "sim/scenario/application_job.hpp"

namespace plenum::analysis {

/// An open loop only; all zero in a closed one, which no stage can fall behind.
struct StageLoad {
  double offered = 0;  ///< of tools and searches: work that comes over what all servers or hosts do; 0: enough for all
  double behind = 0;   ///< of models: part of what came in the second half of the arrivals by which the queue grew then
  bool overloaded() const { return offered > 1 || behind > 0; }
};

/// `per_second`: requests that come, `last`: when the last one does that waits for no answer (a session's first turn), `passages`: of the stage, per request.
StageLoad stage_load(const scenario::ApplicationStage&, const datacenter::StageCounters&, double per_second,
                     double passages, Seconds last);

}  // namespace plenum::analysis
