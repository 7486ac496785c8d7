// What a step of reinforcement learning or preference optimization learns from: prompts, and responses to each of them.
#pragma once

#include <memory>
#include <vector>

#include "workloads/serving/lengths.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::workload {

struct SampleSpecification {
  std::int64_t prompts = 0;             ///< of a step
  std::int64_t samples_per_prompt = 1;  ///< responses to each: the group that GRPO compares, the pair of DPO
  LengthSpecification prompt{.tokens = 256}, response{.tokens = 1024};

  std::int64_t count() const { return prompts * samples_per_prompt; }
};
void describe_samples(Fields&, SampleSpecification&);

struct Sample {
  std::int64_t group = 0;  ///< of its prompt
  std::int32_t prompt = 1, response = 1;
  std::int32_t tokens() const { return prompt + response; }
};
using Samples = std::vector<Sample>;

/// The first response to every prompt, then the second to every prompt, ...: dealt out in turns, those to one prompt
/// meet on the same replica of an engine when the replicas divide the prompts. What exceeds `longest` tokens is cut.
Samples draw_samples(const SampleSpecification&, std::int64_t longest, std::uint64_t seed);

/// All at once, in this order. Prompts of a group are the same: an engine that caches prefixes finds whole KV blocks
/// of `block_tokens`.
std::unique_ptr<RequestStream> requests_of(Samples, std::int64_t block_tokens);

}  // namespace plenum::workload
