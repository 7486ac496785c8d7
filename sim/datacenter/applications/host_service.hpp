// Something on hosts that takes time and is shared by whoever comes: tools with so many servers, a search in the memory
// of so many machines.
#pragma once

#include <optional>

#include "sim/core/random.hpp"
#include "sim/engine/engine.hpp"
#include "sim/scenario/application_job.hpp"

namespace plenum::datacenter {

class HostService {
 public:
  /// A request takes one server at most; when more come than there are servers, all go slower alike.
  HostService(const scenario::TimedService&, engine::Engine&);
  /// Every query reads its part of each host's vectors, as fast as all hosts' memories are.
  HostService(const scenario::VectorSearch&, engine::Engine&);

  void pass(RandomStream&, engine::Callback then);

 private:
  double draw(RandomStream&) const;

  engine::Engine& engine_;
  double amount_ = 0, variation_ = 0;  ///< of a request: mean, and over it the standard deviation (gamma)
  double rate_limit_ = 0;              ///< of a request, units per second; 0: none
  Seconds latency_{};
  std::optional<engine::ResourceId> shared_;  ///< nothing: enough for all
};

}  // namespace plenum::datacenter
