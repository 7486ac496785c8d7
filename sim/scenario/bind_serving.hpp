// A serving deployment put onto its GPUs: replicas, their KV cache, and what is wrong with both.
#pragma once

#include "sim/scenario/bind_jobs.hpp"

namespace plenum::scenario {

/// GPUs of a job: whole nodes.
struct GpuRange {
  std::int64_t first = 0, count = 0;
};

/// Of the file in which that was written: paths in it start from there.
std::string folder_of(const json::Value& source, const std::string& pointer);

/// Of lengths that "maximum" would cut without a word, when it cuts more than a hundredth of them.
void warn_of_cut(const workload::LengthSpecification&, const std::string& pointer, Complaints&);

/// What is wrong with requests, their file included; false with complaints.
bool check_requests(const workload::RequestSpecification&, const std::string& folder, const std::string& pointer,
                    Complaints&);

/// Nothing with complaints: a plan that does not divide, replicas that exceed the GPUs, a model that does not fit.
std::optional<BoundServing> bind_serving(const ServingJob&, const std::string& name, workload::Transformer model,
                                         GpuRange, const calibration::Device&, const std::string& pointer, Complaints&);

}  // namespace plenum::scenario
