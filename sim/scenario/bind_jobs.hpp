// Jobs as written turned into complete plans on places of the cluster.
#pragma once

#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {

/// Issues about places in the scenario, with the position of what was written there.
struct Complaints {
  const json::Value& source;
  Issues& issues;
  void add(const std::string& pointer, std::string message) {
    issues.error(json::position_of(source, pointer), pointer, std::move(message));
  }
};

inline std::int64_t total_gpus(const topology::ClusterSpecification& cluster) {
  return cluster.nodes * cluster.node.gpus;
}

/// Complete only where nothing was wrong. Without a good cluster only what doesn't depend on it is checked.
std::vector<BoundTraining> bind_jobs(const Loaded&, bool cluster_is_good, const calibration::Device&, Issues&);

}  // namespace plenum::scenario
