#include "sim/datacenter/training/host_share.hpp"

#include <algorithm>

#include "calibration/host_memory.hpp"

namespace plenum::datacenter {
namespace {

Seconds time_of(Bytes bytes, BytesPerSecond rate) {
  return bytes > Bytes(0) ? Seconds(static_cast<double>(bytes.value()) / rate.value()) : Seconds(0);
}

}  // namespace

HostShare host_share(const topology::NodeSpecification& node) {
  const BytesPerSecond link = node.host.link.value() > 0 ? node.host.link : node.pcie;
  const BytesPerSecond memory = node.host.bandwidth / static_cast<double>(node.gpus);
  return {.copy = std::min(link, memory), .update = memory * calibration::host_adam_efficiency};
}

Seconds copy_time(Bytes bytes, const HostShare& share) { return time_of(bytes, share.copy); }

Seconds update_time(const workload::HostUpdate& host, const HostShare& share, bool overlap) {
  const Seconds down = copy_time(host.down, share), up = copy_time(host.up, share);
  const Seconds update = time_of(host.touched, share.update);
  return overlap ? std::max({down, update, up}) : down + update + up;
}

}  // namespace plenum::datacenter
