// What NCCL adds to bytes over bandwidth: latencies per algorithm, protocol and link type, and the share of a link's
// rate that payload reaches. Constants: NCCL's own tuning tables (src/graph/tuning.cc, v2.30), in
// calibration/nccl.json.
#pragma once

#include <cstdint>
#include <string>

#include "sim/core/quantity.hpp"

namespace plenum::calibration {

enum class Protocol : std::uint8_t { ll, ll128, simple };

struct CollectiveConstants {
  Seconds base{};                ///< once per collective
  Seconds intra_node_step{};     ///< per dependent hop over NVLink
  Seconds inter_node_step{};     ///< per dependent hop over the network
  double nvlink_efficiency = 1;  ///< payload rate / link rate
  double network_efficiency = 1;
};

/// Ring with the Simple protocol on a GPU architecture ("ampere", "hopper", "blackwell"); LL/LL128 for `bytes` where
/// NCCL's model says they are faster.
CollectiveConstants ring_constants(const std::string& architecture, bool inter_node, std::int64_t ranks, Bytes bytes);

}  // namespace plenum::calibration
