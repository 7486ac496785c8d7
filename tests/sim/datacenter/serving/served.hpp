// One serving job on H100, simulated.
#pragma once

#include <functional>
#include <stdexcept>

#include "sim/datacenter/simulation.hpp"

namespace plenum::test {

/// `adjust` changes what scenarios can't.
inline datacenter::ServingResult served(const scenario::ServingJob& job, std::uint64_t seed,
                                        const std::function<void(workload::EngineProfile&)>& adjust) {
  scenario::Loaded loaded;
  loaded.scenario.cluster.gpu = "H100-SXM";
  loaded.scenario.jobs.emplace_back().serving = job;
  Issues issues;
  const auto bound = scenario::bind(loaded, issues);
  if (!bound) throw std::runtime_error(to_string(issues.all().front()));
  adjust(bound->serving.front().engine);
  return datacenter::simulate(*bound, {.seed = seed}).serving.front();
}

}  // namespace plenum::test
