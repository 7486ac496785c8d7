#include "calibration/collective_model.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace plenum::calibration {
namespace {

constexpr double micro = 1e-6, giga = 1e9;
constexpr std::int64_t node_size = 8;  // GPUs per node when a ring spans nodes: decides the protocol, nothing else

/// NCCL 2.30, src/graph/tuning.cc: rows baseLatency and hwLatency of the ring (measurements/nccl_model.csv), us.
struct ProtocolLatency {
  double base, nvlink_step, network_step;
};
constexpr std::array<ProtocolLatency, 3> latencies{{{6.6, 0.6, 2.7}, {14.0, 1.9, 4.0}, {8.4, 3.4, 14.0}}};

/// Rows llMaxBw and perChMaxRingLL128Bw of the same file, GB/s; channels as NCCL opens them on
/// one node. `simple` and `latency` are fitted: README.md, "Collectives".
struct Architecture {
  std::string_view name;
  double link;                          ///< NVLink's data sheet rate per direction
  double ll_one_node, ll_two, ll_more;  ///< most that LL moves on one, two, more nodes
  double ll128_channel, channels;
  double network_bus;  ///< eight NICs of a node
  double simple;       ///< payload rate of the Simple ring / link
  double latency;      ///< measured small messages / NCCL's latencies
};
constexpr std::array<Architecture, 3> architectures{{
    {"ampere", 300, 87.7, 22.5, 19, 20, 24, 200, 0.68, 1.43},
    {"hopper", 450, 141, 45, 35, 36.7, 24, 400, 0.74, 1.0},
    {"blackwell", 900, 282, 90, 70, 40, 32, 400, 0.67, 1.55},
}};

// All-reduce of 64 H100 over 8 x 400 Gb/s InfiniBand 386.6 GB/s, of 32 H200 over 8 x 400 Gb/s EFA 364.9 GB/s.
constexpr double network_payload = 0.94;

const Architecture& architecture_of(const std::string& name) {
  const auto found = std::find_if(architectures.begin(), architectures.end(), [&](auto& a) { return a.name == name; });
  return found == architectures.end() ? architectures.back() : *found;  // newer than all we know
}

std::int64_t nodes_of(bool inter_node, std::int64_t ranks) {
  return inter_node ? std::max<std::int64_t>(2, ranks / node_size) : 1;
}

// NCCL counts LL at half and LL128 at 0.92 of what Simple moves, both capped by what the protocol's flags allow.
constexpr double ll_share = 0.5, ll128_share = 0.92;

double nvlink_efficiency(const Architecture& a, Protocol protocol) {
  switch (protocol) {
    case Protocol::ll:
      return std::min(a.ll_one_node / a.link, a.simple * ll_share);
    case Protocol::ll128:
      return std::min(a.channels * a.ll128_channel / a.link, a.simple * ll128_share);
    default:
      return a.simple;
  }
}

double network_efficiency(const Architecture& a, Protocol protocol, std::int64_t nodes) {
  switch (protocol) {
    case Protocol::ll:
      return std::min((nodes > 2 ? a.ll_more : a.ll_two) / a.network_bus, network_payload * ll_share);
    case Protocol::ll128:
      return network_payload * ll128_share;
    default:
      return network_payload;
  }
}

/// "multi-node all-reduce plateau" of tuning.cc: Simple's latency grows once every channel has 64 bytes per rank.
double plateau(const Architecture& a, Protocol protocol, bool inter_node, std::int64_t ranks, Bytes bytes) {
  const bool reached = double(bytes.value()) / (a.channels * double(ranks)) >= 64;
  return protocol == Protocol::simple && inter_node && reached ? 1.4 : 1.0;
}

CollectiveConstants constants(const Architecture& a, Protocol protocol, bool inter_node, std::int64_t ranks,
                              Bytes bytes) {
  const ProtocolLatency& us = latencies[static_cast<std::size_t>(protocol)];
  const double factor = micro * a.latency * plateau(a, protocol, inter_node, ranks, bytes);
  return {Seconds(us.base * factor), Seconds(us.nvlink_step * factor), Seconds(us.network_step * factor),
          nvlink_efficiency(a, protocol), network_efficiency(a, protocol, nodes_of(inter_node, ranks))};
}

/// An all-reduce alone on the machine, as NCCL estimates it to choose.
double seconds_alone(const Architecture& a, const CollectiveConstants& c, bool inter_node, std::int64_t ranks,
                     Bytes bytes) {
  const std::int64_t steps = 2 * (ranks - 1), network_steps = 2 * (nodes_of(inter_node, ranks) - 1);
  const double nvlink = a.link * c.nvlink_efficiency, network = a.network_bus * c.network_efficiency;
  const double rate = giga * (inter_node ? std::min(nvlink, network) : nvlink);
  return c.base.value() + double(std::max<std::int64_t>(0, steps - network_steps)) * c.intra_node_step.value() +
         double(network_steps) * c.inter_node_step.value() +
         double(steps) / double(ranks) * double(bytes.value()) / rate;
}

}  // namespace

CollectiveConstants ring_constants(const std::string& architecture, bool inter_node, std::int64_t ranks, Bytes bytes) {
  const Architecture& a = architecture_of(architecture);
  ranks = std::max<std::int64_t>(2, ranks);
  CollectiveConstants best;
  double least = std::numeric_limits<double>::infinity();
  for (const Protocol protocol : {Protocol::simple, Protocol::ll128, Protocol::ll}) {
    const CollectiveConstants candidate = constants(a, protocol, inter_node, ranks, bytes);
    const double seconds = seconds_alone(a, candidate, inter_node, ranks, bytes);
    if (seconds < least) best = candidate, least = seconds;
  }
  return best;
}

}  // namespace plenum::calibration
