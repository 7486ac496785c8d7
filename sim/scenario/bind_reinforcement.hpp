// A reinforcement-learning job put onto its GPUs.
#pragma once

#include "sim/scenario/bind_serving.hpp"

namespace plenum::scenario {

struct ReinforcementModels {
  workload::Transformer actor;
  std::optional<workload::Transformer> critic, reward;
};

/// False with complaints: roles that the algorithm lacks or does not have, mini-batches that don't divide the samples.
bool check_reinforcement(const ReinforcementJob&, const std::string& pointer, Complaints&);

/// Nothing with complaints: a plan that does not divide, a rollout that does not fit beside training.
std::optional<BoundReinforcement> bind_reinforcement(const ReinforcementJob&, const std::string& name,
                                                     ReinforcementModels, GpuRange, const calibration::Device&,
                                                     BytesPerSecond host_link, const std::string& pointer, Complaints&);

}  // namespace plenum::scenario
