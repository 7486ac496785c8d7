// A deployment of a diffusion model put onto its GPUs.
#pragma once

#include "sim/scenario/bind_serving.hpp"

namespace plenum::scenario {

/// Nothing with complaints: a language model, a plan that does not divide, a model that does not fit, replicas that
/// exceed the GPUs.
std::optional<BoundGeneration> bind_generation(const GenerationJob&, const std::string& name, workload::Transformer,
                                               GpuRange, const calibration::Device&, const std::string& pointer,
                                               Complaints&);

}  // namespace plenum::scenario
