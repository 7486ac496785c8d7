// What the policies share: when a waiting sequence may start, how prompts are cut, who is preempted.
#pragma once

#include "sim/datacenter/serving/batch_scheduler.hpp"

namespace plenum::datacenter {

class Admission : public BatchScheduler {
 public:
  Admission(const workload::EngineProfile& engine, ScheduleOptions options) : engine_(engine), options_(options) {}
  bool admits(const RankState&) const override;

 protected:
  /// Tokens of the head of the queue that a step with so much budget left would read; 0: none.
  std::int32_t first_chunk(const RankState&, std::int64_t budget, bool step_is_empty) const;
  /// Admits those at the head of the queue whose KV cache was computed elsewhere; they decode in this step already.
  void admit_read(RankState&) const;
  /// Admits from the queue while budget, sequences and blocks last.
  void admit(RankState&, RankStep&, std::int64_t budget) const;
  /// Prompts wait beside decodes until there are more of them, or long enough (TensorRT-LLM's batch_wait_*).
  bool waits_for_more(RankState&, const RankStep&) const;
  /// Goes on with prompts that were cut; returns the budget left.
  std::int64_t continue_prompts(RankState&, RankStep&, std::int64_t budget) const;
  /// Every running sequence that has read its prompt gets a token; preempts the youngest when blocks run out.
  void add_decodes(RankState&, RankStep&) const;

  workload::EngineProfile engine_;
  ScheduleOptions options_;

 private:
  void start(RankState&) const;
  void add_chunk(RankState&, RankStep&, std::uint32_t sequence, std::int32_t tokens) const;
  /// Takes blocks for `tokens` more of a running sequence; preempts the youngest ones for them, at worst itself.
  bool make_room(RankState&, std::size_t index, std::int32_t tokens) const;
  void preempt_youngest(RankState&) const;
  void swap_out(RankState&, Sequence&) const;
  void forget(RankState&, Sequence&) const;  ///< it will be computed again
};

}  // namespace plenum::datacenter
