// NCCL's own tuning constants: what it estimates with when it chooses how to carry out a collective. Source:
// NVIDIA/nccl v2.30.7, src/graph/tuning.cc and src/graph/topo.h, recorded in calibration/measurements/nccl_model.csv (a
// test compares). Times in microseconds, rates in GB/s, as there.
#pragma once

#include "calibration/collectives/situation.hpp"

namespace plenum::calibration::nccl {

/// Rows baseLatency and hwLatency.
struct Latency {
  double base, nvlink, pcie, network;
};
Latency latency_of(Method);

/// Rows llMaxBw (column of one node), linkBw x links, nvlsEfficiency; the smallest group that takes NVLink SHARP, and
/// the chunks it works in (src/transport/nvls.cc, src/enqueue.cc).
struct Architecture {
  std::string_view name;
  double low_latency_rate = 0;  ///< the most that LL moves
  double bus_rate = 0;          ///< of the rings on one node
  bool ll128 = false;           ///< used on one node
  double nvls_efficiency = 0;   ///< 0: no NVLink SHARP
  std::int64_t nvls_ranks = 0, nvls_channels = 0;
  Bytes nvls_chunk{};
};
const Architecture& architecture_of(std::string_view name);  ///< unknown: the newest

/// Payload that a protocol carries in a byte, as NCCL counts it (rows `rule`).
constexpr double share_of(CollectiveProtocol protocol) {
  return protocol == CollectiveProtocol::ll ? 0.5 : protocol == CollectiveProtocol::ll128 ? 0.92 : 1.0;
}

inline constexpr double nvls_bus_share = 5.0 / 6.0;      ///< ratio of NVLS in tuning.cc
inline constexpr double low_latency_across_nodes = 1.8;  ///< LL's NVLink hops cost more when a ring leaves the node
/// CollNetDirect: a GPU serves the others of its node one after the other, us each, twice; the share of its rate from
/// Hopper on (row `rule`).
inline constexpr double collnet_arity = 0.4, collnet_share = 0.85;
inline constexpr double ring_plateau = 1.4;  ///< Simple rings across nodes, row `rule`, Ring, Simple

/// Bytes that NVLink SHARP moves at once: smaller messages go in smaller chunks (src/enqueue.cc, calcCollChunking).
Bytes nvls_chunk(const Architecture&, std::int64_t ranks, Bytes);

}  // namespace plenum::calibration::nccl
