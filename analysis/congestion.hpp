// What sharing the fabric costs the collectives of a scenario: each of them again alone, alone without what is broken
// or slow, and alone on a fabric whose switches are never in the way.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/core/issue.hpp"
#include "sim/datacenter/result.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

struct CongestionMetrics {
  std::string job;
  Seconds together{};    ///< one repetition, everything else running
  Seconds alone{};       ///< the same on the idle fabric
  Seconds intact{};      ///< alone, without degraded links and failed switches
  Seconds unhindered{};  ///< the same, and no link between switches limits
  Seconds lost_to_others() const { return together - alone; }
  Seconds lost_to_damage() const { return alone - intact; }
  Seconds lost_to_itself() const { return intact - unhindered; }  ///< own flows that share links between switches
};

struct IdleTimes {
  Seconds alone{}, intact{}, unhindered{};
};
/// Three simulations per collective job, in processes of their own: to be called before this process simulates (see
/// sim/engine/engine.hpp). Throws std::runtime_error when one fails.
std::vector<IdleTimes> times_on_idle_fabric(const scenario::Bound&, bool fold);

std::vector<CongestionMetrics> congestion(const datacenter::Result&, const std::vector<IdleTimes>&);

std::string to_text(const scenario::Bound&, const datacenter::Result&, const std::vector<CongestionMetrics>&);
nlohmann::ordered_json to_json(const scenario::Bound&, const std::vector<CongestionMetrics>&);

}  // namespace plenum::analysis
