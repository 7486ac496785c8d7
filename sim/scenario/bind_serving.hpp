// A serving deployment put onto its GPUs: replicas, their KV cache, and what is wrong with both.
#pragma once

#include "sim/scenario/bind_jobs.hpp"

namespace plenum::scenario {

/// GPUs of a job: whole nodes.
struct GpuRange {
  std::int64_t first = 0, count = 0;
};

/// Nothing with complaints: a plan that does not divide, replicas that exceed the GPUs, a model that does not fit.
std::optional<BoundServing> bind_serving(const ServingJob&, const std::string& name, workload::Transformer model,
                                         GpuRange, const calibration::Device&, const std::string& pointer, Complaints&);

}  // namespace plenum::scenario
