// Exchanges of tokens with experts (DeepEP) over numbers of tokens.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "calibration/collectives/expert_exchange.hpp"
#include "sim/core/issue.hpp"
#include "topologies/specification.hpp"

namespace plenum::analysis {

struct ExpertSweep {
  calibration::ExpertExchange
      exchange;                      ///< `ranks`, mode, hidden, top_k and multiprocessors; the rest is the cluster's
  std::vector<std::int64_t> tokens;  ///< per GPU
  bool fold = true;
};

struct ExpertPoint {
  std::int64_t tokens = 0;
  Seconds dispatch{}, combine{};
};

/// The cluster's first GPUs, each with its experts; a dispatch and a combine in a process of their own for every number
/// of tokens. Precondition: topology::check() found nothing. Issues: an NVLink domain that is used in part, GPUs that
/// aren't connected, a device that the catalogue doesn't know, a simulation that ended without a result.
/// `progress`: flows routed.
std::vector<ExpertPoint> run_exchanges(const topology::ClusterSpecification&, const ExpertSweep&, Issues&,
                                       const std::function<void(std::size_t, std::size_t)>& progress = {});

nlohmann::ordered_json to_json(const ExpertSweep&, const std::vector<ExpertPoint>&);
std::string to_text(const ExpertSweep&, const std::vector<ExpertPoint>&);

}  // namespace plenum::analysis
