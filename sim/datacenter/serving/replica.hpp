// One replica of a model in simulated time: a loop of steps. While nothing changes (no prompt to read, nobody to admit,
// nobody done) its decodes take many steps in one event; an arrival cuts such a run at the end of the step in progress.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/datacenter/serving/batch_scheduler.hpp"
#include "sim/datacenter/serving/serving_result.hpp"
#include "sim/datacenter/serving/step_prices.hpp"
#include "sim/engine/engine.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

class Replica {
 public:
  struct Observer {
    std::function<void(std::uint64_t request)> first_token, done;
  };

  Replica(const scenario::BoundServing&, const scenario::Pool&, StepPrices&, engine::Engine&, Observer);

  /// The KV cache of an attention rank holds so many tokens, now and ever.
  bool fits(std::int64_t prompt, std::int64_t output) const;
  /// `read` tokens of the prompt are in the KV cache already, once there is room for them.
  void submit(std::uint64_t request, std::int32_t prompt, std::int32_t output, std::int32_t read);

  std::int64_t tokens_ahead() const;  ///< prompts to be read and outputs to come of everyone here
  std::int64_t in_house() const;      ///< sequences that wait or run
  /// Adds what this replica did to the pool's; everything must be done, and every block back.
  void report(PoolCounters&) const;
  const TokenIntervals& intervals() const { return intervals_; }

 private:
  /// Decodes alone, `steps` times: step i takes first + i x growth.
  struct Run {
    std::int64_t steps = 0;
    Seconds first{}, growth{};
    Seconds begin{};
    Seconds length(std::int64_t steps) const;
    std::int64_t steps_begun(Seconds after) const;
  };

  RankState& least_loaded_rank();
  void begin_step();
  bool plan_ranks();
  void start_run();
  std::int64_t steps_without_change() const;
  void cut_run();
  void finish_run();
  void finish_step();
  void give_token(RankState&, std::uint32_t sequence);
  void take_out_finished(RankState&);
  void finish(RankState&, std::uint32_t sequence);
  void count(Seconds, double steps);
  void count_intervals(RankState&, const RankStep&, Seconds, double steps);
  bool only_decodes() const;

  const std::int64_t kv_tokens_, gpus_;
  StepPrices& prices_;
  engine::Engine& engine_;
  Observer observer_;
  std::unique_ptr<BatchScheduler> scheduler_;
  std::vector<RankState> ranks_;
  std::vector<RankStep> steps_;  ///< by rank, of the step in progress
  bool busy_ = false;
  Run run_;
  engine::TimerId timer_{};
  TokenIntervals intervals_;
  PoolCounters counters_;
};

}  // namespace plenum::datacenter
