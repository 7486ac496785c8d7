// How many replicas take requests: as many as keep each at the wanted number of requests; a new one must load first.
#pragma once

#include <functional>

#include "sim/engine/engine.hpp"
#include "sim/scenario/serving_options.hpp"

namespace plenum::datacenter {

class Autoscaler {
 public:
  struct Fleet {
    std::int64_t most = 1;                                    ///< replicas of the pool
    std::function<std::int64_t()> in_house;                   ///< requests
    std::function<std::int64_t(std::int64_t from)> draining;  ///< replicas from that one on that still have some
    std::function<bool()> over;                               ///< nothing comes any more, nobody is in the house
  };

  Autoscaler(const scenario::Autoscaling&, Bytes weights_per_gpu, engine::Engine&, Fleet);

  void begin();
  std::int64_t serving() const { return serving_; }
  /// Replica-seconds that were paid for: of those that serve, load or drain.
  double replica_seconds() const { return replica_seconds_; }

 private:
  void decide();

  const scenario::Autoscaling scaling_;
  const Seconds load_;
  engine::Engine& engine_;
  const Fleet fleet_;
  std::int64_t serving_, loading_ = 0;
  double replica_seconds_ = 0;
  Seconds last_{};
};

}  // namespace plenum::datacenter
