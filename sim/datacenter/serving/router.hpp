// Which replica gets a request: one policy per class.
#pragma once

#include <memory>
#include <vector>

#include "sim/datacenter/serving/replica.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

using Replicas = std::vector<std::unique_ptr<Replica>>;

class Router {
 public:
  virtual ~Router() = default;
  virtual Replica& choose(const Replicas&) = 0;
};

std::unique_ptr<Router> make_router(scenario::RouterKind, std::uint64_t seed);

}  // namespace plenum::datacenter
