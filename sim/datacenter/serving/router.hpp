// Which replica gets a request: one policy per class.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/datacenter/serving/replica.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

using Replicas = std::vector<std::unique_ptr<Replica>>;

/// Replicas that take requests at the moment, and by replica the tokens ahead, side by side in memory: with a thousand
/// replicas every request looks at all of them.
struct Choice {
  std::span<const std::unique_ptr<Replica>> replicas;
  std::span<const std::int64_t> tokens_ahead;
};

class Router {
 public:
  virtual ~Router() = default;
  /// The place of the chosen one.
  virtual std::size_t choose(Choice, const workload::Request&) = 0;
};

std::unique_ptr<Router> make_router(scenario::RouterKind, std::uint64_t seed);

}  // namespace plenum::datacenter
