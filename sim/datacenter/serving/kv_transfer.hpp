// KV caches on their way from prefill to decode replicas: flows over the fabric, which contend with one another.
#pragma once

#include <map>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

class KvTransfer {
 public:
  /// Channels between all pairs of replicas become resources of the engine.
  KvTransfer(const scenario::Bound&, const scenario::BoundServing&, engine::Engine&);

  /// Every GPU of the prefill replica sends its part of `tokens` tokens to one of the decode replica.
  void start(std::size_t from_replica, std::size_t to_replica, std::int64_t tokens, engine::Callback when_done);

 private:
  struct Lane {
    std::vector<engine::Use> uses;
    Seconds latency{};
  };
  std::vector<Lane> lanes(std::size_t from_replica, std::size_t to_replica);
  Lane lane(std::uint32_t from_gpu, std::uint32_t to_gpu);

  const scenario::Bound& bound_;
  const scenario::BoundServing& job_;
  engine::Engine& engine_;
  double bytes_per_token_ = 0;  ///< on one GPU of a prefill replica
  double efficiency_ = 1;
  std::map<std::uint32_t, engine::ResourceId> resources_;  ///< by channel
};

}  // namespace plenum::datacenter
