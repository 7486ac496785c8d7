// Results of reinforcement learning and preference optimization, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/reinforcement_metrics.hpp"

namespace plenum::analysis {

std::string reinforcement_summary(const scenario::Bound&, const scenario::BoundReinforcement&,
                                  const ReinforcementMetrics&);
nlohmann::ordered_json reinforcement_json(const scenario::Bound&, const scenario::BoundReinforcement&,
                                          const ReinforcementMetrics&);

/// A step as a picture: its phases as bars, training and rollout apart, and under them how many responses are being
/// generated: the long tail (SVG).
std::string reinforcement_picture(const scenario::Bound&, const scenario::BoundReinforcement&,
                                  const datacenter::ReinforcementResult&, const ReinforcementMetrics&);

}  // namespace plenum::analysis
