// One replica of a model in simulated time: a loop of steps. While nothing changes (no prompt to read, nobody to admit,
// nobody done) its decodes take many steps in one event; an arrival cuts such a run at the end of the step in progress.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/datacenter/serving/batch_scheduler.hpp"
#include "sim/datacenter/serving/prefix_tiers.hpp"
#include "sim/datacenter/serving/prompt_balance.hpp"
#include "sim/datacenter/serving/serving_result.hpp"
#include "sim/datacenter/serving/step_extras.hpp"
#include "sim/engine/engine.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

class Replica {
 public:
  struct Observer {
    std::function<void(std::uint64_t request)> first_token, done;
  };

  /// What a replica is asked to do.
  struct Order {
    std::uint64_t request = 0;
    std::int32_t prompt = 0, output = 0;
    std::int32_t read = 0;  ///< tokens of the prompt that come computed, once there is room for them
    std::shared_ptr<const workload::Prefix> prefix{};
    std::int64_t priority = 0, adapter = -1;
    std::int64_t expected = 0;  ///< tokens that were announced for it
  };

  /// What all replicas of a pool have in common.
  struct Parts {
    StepPrices& prices;
    StepExtras* extras;  ///< or nothing
    Observer observer;
    std::vector<std::int64_t>& tokens_ahead;  ///< by replica; each keeps its own up to date
    std::uint64_t seed = 0;
  };

  struct Place {
    std::size_t index = 0;
    double slowdown = 1;  ///< of its GPUs, beside healthy ones
  };

  Replica(const scenario::BoundServing&, const scenario::Pool&, engine::Engine&, const Parts&, Place, PrefixTiers);

  /// The KV cache of an attention rank holds so many tokens, now and ever.
  bool fits(std::int64_t prompt, std::int64_t output) const;
  /// What lower tiers hold of its prefix is read first.
  void submit(Order);
  /// One is on its way, in the front end or with a cache that moves, and has so many tokens to be read and to come:
  /// routers count it already.
  void expect(std::int64_t tokens);

  /// Tokens until this request's prompt would be read, after those on their way: what the cache holds of it is none.
  std::int64_t tokens_until_read(const workload::Request&) const;
  std::int64_t waiting() const;
  std::int64_t running() const;
  double kv_use() const;
  std::int64_t in_house() const;  ///< sequences that wait or run
  double given_tokens() const;    ///< to users, until now
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

  RankState& rank_for(const Order&);
  void enqueue(RankState&, Order);
  void fetch(RankState&, Order);
  void wait(RankState&, std::uint32_t sequence) const;
  void receive();
  std::int64_t next_look(std::int64_t step) const;
  void begin_step();
  bool plan_ranks();
  void balance_prompts();
  void start_run();
  std::int64_t steps_without_change() const;
  void cut_run(std::int64_t steps);
  void finish_run();
  void finish_step();
  void give_tokens(RankState&, Sequence&, std::int32_t tokens);
  void decode(RankState&, Sequence&);
  std::int32_t accepted();
  void take_out_finished(RankState&);
  void finish(RankState&, std::uint32_t sequence);
  void tell_tokens_ahead();
  void count(Seconds, double steps);
  void count_intervals(RankState&, const RankStep&, Seconds, double steps);
  bool only_decodes() const;
  Seconds decodes_alone();

  const std::int64_t kv_tokens_, gpus_, receive_interval_;
  std::int64_t steps_since_look_ = 0;
  StepPrices& prices_;
  StepExtras* extras_;
  std::vector<std::int64_t>& tokens_ahead_;  ///< prompts to be read and outputs to come, of all replicas
  const std::size_t place_;                  ///< this one's in it
  const double slowdown_;
  engine::Engine& engine_;
  Observer observer_;
  std::unique_ptr<BatchScheduler> scheduler_;
  PromptBalance balance_;
  PrefixStore store_;
  std::int64_t expected_ = 0;  ///< tokens of those on their way
  std::int64_t fetching_ = 0;  ///< requests whose prefix is being read
  std::vector<RankState> ranks_;
  std::vector<RankStep> steps_;  ///< by rank, of the step in progress
  bool busy_ = false;
  Run run_;
  engine::TimerId timer_{};
  const std::int32_t drafted_;  ///< tokens per decode beyond the next one
  const double acceptance_;
  RandomStream random_;
  TokenIntervals intervals_;
  PoolCounters counters_;
};

}  // namespace plenum::datacenter
