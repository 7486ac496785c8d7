#include "sim/datacenter/serving/prompt_balance.hpp"

namespace plenum::datacenter {

bool PromptBalance::lets_start(bool every_rank_has_a_prompt, bool every_rank_decodes) {
  complete_ = every_rank_has_a_prompt;
  if (complete_) {
    short_of_prompts_ = 0;
    const bool batches = every_rank_decodes && batched_ < batching_;
    batched_ = batches ? batched_ + 1 : 0;
    return !batches;
  }
  if (++short_of_prompts_ < timeout_ && every_rank_decodes) return false;
  short_of_prompts_ = 0;
  return true;
}

std::int64_t PromptBalance::steps_closed() const {
  return complete_ ? batching_ - batched_ : timeout_ - 1 - short_of_prompts_;
}

/// Without any prompt the time-out comes and goes.
void PromptBalance::pass(std::int64_t steps) {
  if (complete_)
    batched_ += steps;
  else
    short_of_prompts_ = (short_of_prompts_ + steps) % timeout_;
}

}  // namespace plenum::datacenter
