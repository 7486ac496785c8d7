// Jobs as written turned into complete plans on places of the cluster.
#pragma once

#include <algorithm>

#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {

/// Issues about places in the scenario, with the position of what was written there.
struct Complaints {
  const json::Value& source;
  Issues& issues;
  void add(const std::string& pointer, std::string message) {
    issues.error(json::position_of(source, pointer), pointer, std::move(message));
  }
  void warn(const std::string& pointer, std::string message) {
    issues.warning(json::position_of(source, pointer), pointer, std::move(message));
  }
};

/// Warns of fields that are written and change nothing; `pointer` is the plan's, which is complete.
void warn_of_no_effect(const workload::TrainingPlan&, const workload::Transformer&, const std::string& pointer,
                       Complaints&);

/// Everything at and below that pointer could be read. What could not is no ground for further complaints.
inline bool is_read(const Loaded& loaded, const std::string& pointer) {
  return std::ranges::none_of(loaded.faulty, [&](const std::string& faulty) {
    return faulty.empty() || faulty == pointer || faulty.starts_with(pointer + "/");
  });
}

inline std::int64_t total_gpus(const topology::ClusterSpecification& cluster) {
  return cluster.nodes * cluster.node.gpus;
}

struct BoundJobs {
  std::vector<BoundTraining> training;
  std::vector<BoundServing> serving;
  std::vector<BoundTrace> traces;
  std::vector<BoundGeneration> generation;
  std::vector<BoundReinforcement> reinforcement;
  std::vector<BoundApplication> applications;
};

/// Complete only where nothing was wrong. Without a readable cluster only what doesn't depend on it is checked.
BoundJobs bind_jobs(const Loaded&, bool cluster_is_read, const calibration::Device&, const OtherDevices&, Issues&);

}  // namespace plenum::scenario
