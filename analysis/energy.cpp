#include "analysis/energy.hpp"

namespace plenum::analysis {
namespace {

/// Host, NICs, NVSwitches, fans and losses of a node under training, per GPU.
Watts rest_of_node(const scenario::Bound& bound) {
  // GB200 NVL72: 132 kW per rack (aidatacenterguide) - 72 x 1,200 W = 633 W at nameplate; at the share of nameplate
  // that H100 nodes draw (below), 61 %.
  if (bound.specification.node.nvlink_domain_nodes > 1) return Watts(386);
  const auto& architecture = bound.device.specification.architecture;
  // A100: servers peak at 6.55 kW (Acme trace) - 8 x 400 W.
  if (architecture == "ampere") return Watts(3350.0 / 8);
  // H100: 8.4 kW measured under training (arXiv 2412.08602) - 8 x 700 W, of 4.6 kW at nameplate.
  if (architecture == "hopper") return Watts(2800.0 / 8);
  // B200: 14.3 kW nameplate (DGX B200) - 8 x 1,000 W, at the same 61 %.
  return Watts(0.61 * 6300.0 / 8);
}

}  // namespace

Watts node_power(const scenario::Bound& bound) {
  if (bound.economy.node_power.value() > 0) return bound.economy.node_power;
  const auto gpus = static_cast<double>(bound.specification.node.gpus);
  return gpus * (bound.device.specification.power + rest_of_node(bound));
}

Watts facility_power(const scenario::Bound& bound, std::int64_t gpus) {
  const auto per_node = bound.specification.node.gpus;
  const auto nodes = static_cast<double>((gpus + per_node - 1) / per_node);
  return nodes * bound.economy.power_usage_effectiveness * node_power(bound);
}

}  // namespace plenum::analysis
