// Dispatch of tokens to their experts, and the way back, as DeepEP does it (deepseek-ai/DeepEP, README).
#pragma once

#include <span>

#include "workloads/collective_pattern.hpp"
#include "workloads/collectives/equal_flows.hpp"

namespace plenum::workload {

/// Flows of one dispatch; `share` counts copies of one member's tokens. Every token goes to `top_k` experts, spread
/// evenly. low_latency: a copy per expert, straight to its GPU. Else one copy per node over the rail, and from there
/// one copy per GPU that has an expert of it: copies to d places out of top_k draws are d (1 - (1 - 1/d)^top_k)
/// expected. Combine runs the same flows backwards. Members of one node stand together, all nodes have equally many.
std::vector<EqualFlows> expert_flows(std::span<const std::uint32_t> node, std::int64_t top_k, bool low_latency);
Pattern expert_exchange(std::span<const std::uint32_t> node, std::int64_t top_k, bool low_latency);

}  // namespace plenum::workload
