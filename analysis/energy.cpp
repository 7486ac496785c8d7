#include "analysis/energy.hpp"

namespace plenum::analysis {
namespace {

/// Host, NICs, NVSwitches, fans and losses of a node under training, per GPU.
Watts rest_of_node(const scenario::Bound& bound, const calibration::Device& device) {
  // GB200 NVL72: 132 kW per rack (aidatacenterguide) - 72 x 1,200 W = 633 W at nameplate; at the share of nameplate
  // that H100 nodes draw (below), 61 %.
  if (bound.specification.node.nvlink_domain_nodes > 1) return Watts(386);
  const auto& architecture = device.specification.architecture;
  // A100: servers peak at 6.55 kW (Acme trace) - 8 x 400 W.
  if (architecture == "ampere") return Watts(3350.0 / 8);
  // H100: 8.4 kW measured under training (arXiv 2412.08602) - 8 x 700 W, of 4.6 kW at nameplate.
  if (architecture == "hopper") return Watts(2800.0 / 8);
  // B200: 14.3 kW nameplate (DGX B200) - 8 x 1,000 W, at the same 61 %.
  return Watts(0.61 * 6300.0 / 8);
}

}  // namespace

Watts node_power(const scenario::Bound& bound, const calibration::Device& device) {
  if (bound.economy.node_power.value() > 0) return bound.economy.node_power;
  const auto gpus = static_cast<double>(bound.specification.node.gpus);
  return gpus * (device.specification.power + rest_of_node(bound, device));
}

Watts facility_power(const scenario::Bound& bound, std::int64_t first_gpu, std::int64_t gpus) {
  const auto per_node = bound.specification.node.gpus;
  const auto nodes = (gpus + per_node - 1) / per_node;
  if (bound.other_devices.empty())
    return static_cast<double>(nodes) * bound.economy.power_usage_effectiveness * node_power(bound, bound.device);
  Watts sum{};
  for (std::int64_t node = 0; node < nodes; ++node)
    sum += node_power(bound, bound.device_at(first_gpu + node * per_node));
  return bound.economy.power_usage_effectiveness * sum;
}

}  // namespace plenum::analysis
