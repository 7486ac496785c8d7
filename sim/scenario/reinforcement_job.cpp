#include "sim/scenario/reinforcement_job.hpp"

#include <array>

namespace plenum::scenario {

std::span<const std::string_view> names_of(Algorithm) {
  static constexpr std::array<std::string_view, 3> names{"grpo", "ppo", "dpo"};
  return names;
}
std::span<const std::string_view> names_of(WeightSync) {
  static constexpr std::array<std::string_view, 2> names{"broadcast", "reshard"};
  return names;
}

void describe(Fields& fields, Rollout& rollout) {
  const Range count = between(0, 1 << 24);
  ServingJob& engine = rollout.engine;
  describe_engine(fields, engine);
  fields.optional("plan", engine.plan, "How a replica is spread over GPUs");
  fields.optional("replicas", engine.replicas, "Replicas; 0: as many as the GPUs hold", count);
  fields.optional("gpus", rollout.gpus,
                  "GPUs of its own, the job's last ones; 0: it takes turns with training on the same GPUs (colocated)",
                  count);
  fields.optional("router", engine.router, "Who gets the next prompt");
  fields.optional("memory_fraction", engine.memory_fraction,
                  "Part of device memory for weights and KV cache; 0: the engine's", between(0, 1));
  fields.optional("token_budget", engine.token_budget, "Most tokens of a step; 0: the engine's", count);
  fields.optional("max_sequences", engine.max_sequences, "Most sequences of a step; 0: the engine's", count);
  fields.optional("kv_tokens", engine.kv_tokens, "Tokens that the KV cache of an attention rank holds; 0: from memory",
                  between(0, 1e12));
}

void describe_reinforcement(Fields& fields, ReinforcementJob& job, const Catalogue& models) {
  const Range count = between(0, 1 << 24);
  fields.optional("algorithm", job.algorithm, "grpo, ppo (with a critic) or dpo (pairs that are given, no rollout)");
  fields.named_or_object("model", job.model_name, job.model, "The actor (policy) that is trained", models);
  fields.required("plan", job.plan,
                  "How the actor is trained; global_batch: samples between two updates (mini-batch); sequence_length: "
                  "the longest sample, with micro_batch the tokens into which samples are packed");
  workload::describe_samples(fields, job.samples);
  fields.optional("rollout", job.rollout, "How responses are generated; grpo and ppo need it");
  fields.optional("reference", job.reference, "Log-probabilities of a frozen copy of the model are computed");
  fields.optional("old_log_probs", job.old_log_probs,
                  "The actor's log-probabilities before the update are computed; false: the engine's are used");
  fields.optional("reward_time", job.reward_time, "Time that rules, verifiers or environments take after the rollout",
                  between(0, 1e6));
  fields.optional("reward_model", job.reward_model, "A model that scores responses");
  fields.optional("critic", job.critic, "ppo: a model that values every token, trained beside the actor");
  fields.optional("epochs", job.epochs, "Times that a step's samples are trained on", between(1, 1000));
  fields.optional("one_step_off", job.one_step_off,
                  "Responses for the next step are generated while this one trains; the rollout needs GPUs of its own");
  fields.optional("weight_sync", job.weight_sync,
                  "Whole tensors to every GPU of the rollout (broadcast), or its part alone to each (reshard)");
  fields.optional("offload", job.offload,
                  "What waits in host memory while responses are generated: optimizer states, or parameters, too");
  fields.optional("first_node", job.first_node, "Where the job starts; it takes whole nodes in a row", count);
  fields.optional("gpus", job.gpus, "GPUs of the job; 0: the rest of the cluster", count);
}

}  // namespace plenum::scenario
