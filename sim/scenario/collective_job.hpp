// A collective as a job: what an experiment on the fabric, or a tenant beside others, sends.
#pragma once

#include <string>
#include <vector>

#include "calibration/collectives/situation.hpp"
#include "sim/core/fields.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::scenario {

struct CollectiveJob {
  std::string operation = "all_reduce";
  Bytes size{};
  std::string gpus;                 ///< "0-7,16"
  std::string algorithm, protocol;  ///< empty: what NCCL picks
  std::int64_t repeat = 1;          ///< one after the other
  Seconds start{};
  /// all_to_all: part of the balanced share that member i sends to member j, row by row; empty: 1 everywhere.
  std::vector<double> weights{};
};
void describe(Fields&, CollectiveJob&);

struct BoundCollective {
  std::string name;
  CollectiveKind kind = CollectiveKind::all_reduce;
  calibration::Method method;
  calibration::Situation situation;
  std::vector<std::uint32_t> group;  ///< GPUs, domain by domain
  Bytes size{};
  std::int64_t repeat = 1;
  Seconds start{};
  std::vector<double> weights{};  ///< by the order of `group`
};

/// "0-7,16": ranges and single numbers below `gpus`; on error the text says why.
struct GroupOrProblem {
  std::vector<std::uint32_t> group;
  std::string problem;
};
GroupOrProblem parse_group(const std::string& text, std::int64_t gpus);

}  // namespace plenum::scenario
