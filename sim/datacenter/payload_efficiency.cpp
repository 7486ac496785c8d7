#include "sim/datacenter/payload_efficiency.hpp"

#include "calibration/collectives/timing.hpp"

namespace plenum::datacenter {

LinkEfficiency payload_efficiency(const std::string& architecture, Transport transport) {
  calibration::Situation two;
  two.architecture = architecture;
  two.transport = transport;
  two.domains = two.ranks = 2;
  const auto timing = calibration::timing(two, CollectiveKind::all_gather, {}, Bytes(std::int64_t{1} << 30));
  return {.nvlink = timing.nvlink_efficiency, .network = timing.network_efficiency};
}

}  // namespace plenum::datacenter
