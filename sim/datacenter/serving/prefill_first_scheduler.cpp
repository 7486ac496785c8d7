// SGLang: as long as prompts can be read, steps read prompts and nothing else; decodes wait.
#include "sim/datacenter/serving/schedulers.hpp"

namespace plenum::datacenter {

void PrefillFirstScheduler::plan(RankState& rank, RankStep& step) const {
  step.clear();
  admit_read(rank);
  const std::int64_t budget = continue_prompts(rank, step, engine_.token_budget);
  if (budget > 0) admit(rank, step, budget);
  if (step.chunks.empty()) add_decodes(rank, step);
}

}  // namespace plenum::datacenter
