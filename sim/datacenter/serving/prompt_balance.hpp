// Attention ranks run in lockstep: a prompt on one stops the decodes of all. TensorRT-LLM (attention_dp_config with
// enable_balance; PyExecutor, _balance_adp_requests) therefore lets prompts start together.
#pragma once

#include <cstdint>

namespace plenum::datacenter {

/// Prompts start in a step when every rank has one and `batching_steps` (batching_wait_iters) have passed since; or
/// when ranks were short of prompts for `timeout_steps` (timeout_iters); or when a rank has nothing to decode.
class PromptBalance {
 public:
  PromptBalance(std::int64_t timeout_steps, std::int64_t batching_steps)
      : timeout_(timeout_steps), batching_(batching_steps) {}
  bool on() const { return timeout_ > 0; }
  /// Of the next step. Every step asks once.
  bool lets_start(bool every_rank_has_a_prompt, bool every_rank_decodes);
  /// Steps after one that lets nothing start in which that stays so if no request comes or goes.
  std::int64_t steps_closed() const;
  /// So many such steps were taken without asking.
  void pass(std::int64_t steps);

 private:
  std::int64_t timeout_, batching_;
  std::int64_t short_of_prompts_ = 0, batched_ = 0;  ///< steps
  bool complete_ = false;                            ///< every rank had a prompt when last asked
};

}  // namespace plenum::datacenter
