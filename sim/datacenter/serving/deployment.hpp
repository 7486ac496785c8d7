// A serving deployment in simulated time: requests come, a router gives them to replicas, prefill replicas hand over to
// decode replicas, and every request's times are written down.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "sim/datacenter/serving/kv_transfer.hpp"
#include "sim/datacenter/serving/router.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::datacenter {

class Deployment {
 public:
  Deployment(const scenario::Bound&, const scenario::BoundServing&, engine::Engine&, const Options&);

  void begin();
  /// Requests that left; how many come is only known when the scenario says so.
  Advance advance() const {
    return {static_cast<std::size_t>(left_), static_cast<std::size_t>(std::max(left_, job_.requests.count))};
  }
  /// After the engine has run. Throws SimulationFailed when a request is neither done nor refused.
  ServingResult result();

 private:
  /// Replicas of one kind, the prices of their steps, and who chooses among them.
  struct Fleet {
    std::optional<StepPrices> prices;
    Replicas replicas;
    std::unique_ptr<Router> router;
  };

  void build(Fleet&, const scenario::Pool&, Replica::Observer, std::uint64_t seed);
  void schedule_next_arrival();
  void enter(const workload::Request&);
  void enter_next();  ///< closed loop
  void hand_in(std::uint64_t request);
  void first_token(std::uint64_t request);
  void read(std::uint64_t request);  ///< by a prefill replica
  void done(std::uint64_t request);
  std::int64_t in_house() const { return entered_ - left_; }
  Fleet& front() { return prefill_.replicas.empty() ? decode_ : prefill_; }

  const scenario::Bound& bound_;
  const scenario::BoundServing& job_;
  engine::Engine& engine_;
  std::unique_ptr<workload::RequestStream> stream_;
  Fleet decode_, prefill_;
  std::optional<KvTransfer> transfer_;
  std::vector<std::uint32_t> prefilled_by_;  ///< by request
  std::int64_t entered_ = 0, left_ = 0;
  ServingResult result_;
};

}  // namespace plenum::datacenter
