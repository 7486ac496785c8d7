// Results of making pictures, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/generation_metrics.hpp"

namespace plenum::analysis {

std::string generation_summary(const scenario::Bound&, const scenario::BoundGeneration&, const GenerationMetrics&);
nlohmann::ordered_json generation_json(const scenario::Bound&, const scenario::BoundGeneration&,
                                       const GenerationMetrics&);

}  // namespace plenum::analysis
