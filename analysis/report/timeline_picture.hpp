// A picture of one training step: a row per pipeline stage, forward and backward passes, communication beside them, and
// white where a stage waits (SVG, readable without scripts, in print and on dark pages).
#pragma once

#include <string>

#include "analysis/metrics.hpp"

namespace plenum::analysis {

/// Of the first job's representative ranks, one per stage. Needs a result that was simulated with a timeline.
std::string timeline_picture(const scenario::Bound&, const datacenter::TrainingResult&, const TrainingMetrics&);

}  // namespace plenum::analysis
