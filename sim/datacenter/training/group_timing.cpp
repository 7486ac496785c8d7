#include "sim/datacenter/training/group_timing.hpp"

#include <cmath>

#include "sim/datacenter/hop_latency.hpp"
#include "sim/scenario/collective_situation.hpp"

namespace plenum::datacenter {
namespace {

using calibration::Method;

/// The method that the flows of a group are laid out for.
Method method_of(CollectiveKind flows) {
  const bool ring = flows == CollectiveKind::all_gather;
  return {ring ? CollectiveAlgorithm::ring : CollectiveAlgorithm::direct, CollectiveProtocol::simple};
}

/// Between nodes of eight NICs NCCL 2.18 to 2.27 opens two channels per NIC (NCCL_DEBUG=INFO prints "16 coll
/// channels"); on one node as many as its NVLinks fill.
constexpr double channels_between = 16, channels_inside = 24, channels_inside_blackwell = 32;

calibration::Situation situation_of(const scenario::Bound& bound, std::vector<std::uint32_t>& gpus) {
  const auto devices = scenario::devices_among(bound.specification, bound.device, bound.other_devices, gpus);
  return scenario::situation_of(bound.cluster, bound.specification, scenario::oldest_architecture(devices), gpus);
}

}  // namespace

GroupTiming::GroupTiming(const scenario::Bound& bound, std::vector<std::uint32_t> gpus, CollectiveKind flows,
                         LinkEfficiency efficiency, const PathLatency& way, CollectiveLibrary library)
    : situation_(situation_of(bound, gpus)),
      passes_(calibration::passes(situation_, flows, method_of(flows).algorithm)),
      efficiency_(efficiency),
      way_(way),
      library_(library) {}

const GroupTiming::Collective& GroupTiming::of(CollectiveKind kind, double bytes) {
  const auto [found, fresh] = made_.try_emplace({kind, bytes});
  if (fresh) found->second = make(kind, Bytes(std::llround(std::ceil(bytes))));
  return found->second;
}

/// Other algorithms pass the bottleneck, links or NICs, more or less often than the group's flows do, and at a share of
/// its rate of their own.
GroupTiming::Collective GroupTiming::make(CollectiveKind kind, Bytes bytes) const {
  const auto method = calibration::choose(situation_, kind, bytes);
  const auto passes = calibration::passes(situation_, kind, method.algorithm);
  const auto timing = calibration::timing(situation_, kind, method, bytes);
  const auto size = static_cast<double>(bytes.value());
  const double as_long = seconds_per_byte(situation_, passes, timing.nvlink_efficiency, timing.network_efficiency) /
                         seconds_per_byte(situation_, passes_, efficiency_.nvlink, efficiency_.network);
  const double as_many = seconds_per_byte(situation_, passes, 1, 1) / seconds_per_byte(situation_, passes_, 1, 1);
  Collective made{.amount = size * as_long, .bytes = size * as_many, .timing = over(way_, passes, timing), .alone = {}};
  made.timing.base += library_.call;
  made.alone = made.timing.total(
      Seconds(size * seconds_per_byte(situation_, passes, timing.nvlink_efficiency, timing.network_efficiency)));
  return made;
}

double GroupTiming::multiprocessors() const {
  if (library_.multiprocessors > 0) return library_.multiprocessors;
  if (situation_.domains > 1) return channels_between;
  return situation_.architecture == "blackwell" ? channels_inside_blackwell : channels_inside;
}

}  // namespace plenum::datacenter
