// vLLM V1 and TensorRT-LLM: every running sequence gets its token, and prompts fill what is left of the budget.
#include "sim/datacenter/serving/schedulers.hpp"

namespace plenum::datacenter {

void MixedScheduler::plan(RankState& rank, RankStep& step) const {
  step.clear();
  admit_read(rank);
  add_decodes(rank, step);
  const std::int64_t budget =
      continue_prompts(rank, step, engine_.token_budget - step.decodes * step.tokens_per_decode);
  if (budget > 0 && !rank.closed && !waits_for_more(rank, step)) admit(rank, step, budget);
}

}  // namespace plenum::datacenter
