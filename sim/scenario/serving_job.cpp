#include "sim/scenario/serving_job.hpp"

#include <array>

namespace plenum::scenario {
namespace {

const Range count = between(0, 1 << 24);

}  // namespace

std::span<const std::string_view> names_of(RouterKind) {
  static constexpr std::array<std::string_view, 5> names{"round-robin", "least-loaded", "power-of-two", "prefix-aware",
                                                         "session-affine"};
  return names;
}

void describe(Fields& fields, PrefillPool& pool) {
  fields.required("plan", pool.plan, "How a prefill replica is spread over GPUs");
  fields.optional("replicas", pool.replicas, "Prefill replicas", between(1, 1 << 20));
  fields.optional("gpu", pool.gpu, "Their GPU, when it is another one than the cluster's (plenum list gpus)");
}

void describe(Fields& fields, ServiceLevel& level) {
  fields.optional("time_to_first_token", level.time_to_first_token, "A request is good when it is not slower",
                  at_least(0));
  fields.optional("time_per_output_token", level.time_per_output_token, "A request is good when it is not slower",
                  at_least(0));
}

void describe_engine(Fields& fields, ServingJob& job) {
  fields.optional("engine", job.engine, "Serving engine: plenum list engines");
  fields.optional("engine_settings", job.own_engine, "Fields of that engine that are to differ");
}

void describe_serving(Fields& fields, ServingJob& job, const Catalogue& models) {
  fields.named_or_object("model", job.model_name, job.model, "What is served", models);
  fields.optional("requests", job.requests,
                  "Who asks for how much, and when; applications may come besides or instead");
  describe_engine(fields, job);
  fields.optional("plan", job.plan, "How a replica is spread over GPUs");
  fields.optional("replicas", job.replicas, "Replicas; 0: as many as the GPUs hold", count);
  fields.optional("prefill", job.prefill, "Replicas of their own for prompts; the others only decode");
  fields.optional("router", job.router, "Who gets the next request");
  fields.optional("service_level", job.service_level, "What users were promised");
  describe_options(fields, job.options);
  fields.optional("pools", job.pools, "Gives a vector or a score per text instead of tokens; encoders always do");
  fields.optional("token_budget", job.token_budget, "Most tokens of a step; 0: the engine's", count);
  fields.optional("max_sequences", job.max_sequences, "Most sequences of a step; 0: the engine's", count);
  fields.optional("stream_interval", job.stream_interval, "Tokens handed to the user at once; 0: the engine's", count);
  fields.optional("memory_fraction", job.memory_fraction,
                  "Part of device memory for weights and KV cache; 0: the engine's", between(0, 1));
  fields.optional("kv_tokens", job.kv_tokens, "Tokens that the KV cache of an attention rank holds; 0: from memory",
                  between(0, 1e12));
  fields.optional("first_node", job.first_node, "Where the job starts; it takes whole nodes in a row, or part of one",
                  count);
  fields.optional("first_gpu", job.first_gpu, "Of that node, when the job takes a part of it", count);
  fields.optional("gpus", job.gpus, "GPUs of the job; 0: the rest of the cluster, or of the node", count);
}

}  // namespace plenum::scenario
