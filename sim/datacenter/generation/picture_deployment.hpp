// A deployment of a diffusion model in simulated time: requests come, a router gives them to replicas, and a replica
// that is free makes what waits there, as many pictures at once as the plan allows.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/datacenter/generation/generation_prices.hpp"
#include "sim/datacenter/serving/router.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/arrival_process.hpp"

namespace plenum::datacenter {

class PictureDeployment {
 public:
  PictureDeployment(const scenario::Bound&, const scenario::BoundGeneration&, engine::Engine&, const Options&);

  void begin();
  Advance advance() const { return {done_, static_cast<std::size_t>(job_.arrivals.count)}; }
  GenerationResult result();  ///< after the engine has run

 private:
  struct PictureReplica {
    std::deque<std::size_t> waiting;
    bool busy = false;
  };

  void schedule_next_arrival();
  bool all_came() const { return static_cast<std::int64_t>(result_.pictures.size()) == job_.arrivals.count; }
  void enter();
  void start_batch(std::size_t replica);
  void finish_batch(std::size_t replica, const std::vector<std::size_t>& batch);

  const scenario::Bound& bound_;
  const scenario::BoundGeneration& job_;
  engine::Engine& engine_;
  GenerationPrices prices_;
  workload::ArrivalProcess arrivals_;
  std::unique_ptr<Router> router_;
  std::vector<PictureReplica> replicas_;
  std::vector<std::int64_t> ahead_;  ///< pictures in the house, by replica
  std::size_t done_ = 0;
  GenerationResult result_;
};

}  // namespace plenum::datacenter
