// Which replica gets a request: one policy per class.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/datacenter/serving/replica.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

using Replicas = std::vector<std::unique_ptr<Replica>>;
using Choice = std::span<const std::unique_ptr<Replica>>;

class Router {
 public:
  virtual ~Router() = default;
  /// Among the first ones, which take requests at the moment; the place of the chosen one.
  virtual std::size_t choose(Choice, const workload::Request&) = 0;
};

std::unique_ptr<Router> make_router(scenario::RouterKind, std::uint64_t seed);

}  // namespace plenum::datacenter
