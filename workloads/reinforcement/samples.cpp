#include "workloads/reinforcement/samples.hpp"

#include <algorithm>

namespace plenum::workload {
namespace {

class SampledRequests final : public RequestStream {
 public:
  SampledRequests(Samples samples, std::int64_t block_tokens)
      : samples_(std::move(samples)), block_tokens_(static_cast<std::int32_t>(block_tokens)) {}

  std::optional<Request> next() override {
    if (given_ == samples_.size()) return std::nullopt;
    const Sample& sample = samples_[given_++];
    return Request{.prompt = sample.prompt, .output = sample.response, .prefix = prefix_of(sample)};
  }

 private:
  std::shared_ptr<const Prefix> prefix_of(const Sample& sample) {
    const auto group = static_cast<std::size_t>(sample.group);
    if (prefixes_.size() <= group) prefixes_.resize(group + 1);
    if (!prefixes_[group]) prefixes_[group] = std::make_shared<Prefix>(made_for(sample));
    return prefixes_[group];
  }

  Prefix made_for(const Sample& sample) const {
    const std::int32_t blocks = sample.prompt / block_tokens_;
    Prefix prefix{.block_tokens = block_tokens_, .tokens = blocks * block_tokens_, .ids = {}};
    for (std::int32_t block = 0; block < blocks; ++block)
      prefix.ids.push_back(mix(mix(static_cast<std::uint64_t>(sample.group)) + static_cast<std::uint64_t>(block)));
    return prefix;
  }

  Samples samples_;
  std::int32_t block_tokens_;
  std::size_t given_ = 0;
  std::vector<std::shared_ptr<const Prefix>> prefixes_;  ///< by group
};

}  // namespace

void describe_samples(Fields& fields, SampleSpecification& samples) {
  const Range count = between(1, 1 << 20);
  fields.required("prompts", samples.prompts, "Prompts of a step; dpo: pairs", count);
  fields.optional("samples_per_prompt", samples.samples_per_prompt,
                  "Responses to each prompt (GRPO's group); dpo: the chosen and the rejected one", between(1, 1 << 16));
  fields.optional("prompt", samples.prompt, "Tokens of prompts");
  fields.optional("response", samples.response,
                  "Tokens of responses; prompt and response together are cut at the plan's sequence_length");
}

Samples draw_samples(const SampleSpecification& specification, std::int64_t longest, std::uint64_t seed) {
  RandomStream prompts(seed, "prompts"), responses(seed, "responses");
  Samples samples;
  samples.reserve(static_cast<std::size_t>(specification.count()));
  for (std::int64_t i = 0; i < specification.count(); ++i) {
    const std::int64_t group = i % specification.prompts;
    const std::int64_t drawn = i < specification.prompts ? draw(specification.prompt, prompts)
                                                         : samples[static_cast<std::size_t>(group)].prompt;
    const auto prompt = std::clamp<std::int64_t>(drawn, 1, longest - 1);
    const auto response = std::min<std::int64_t>(draw(specification.response, responses), longest - prompt);
    samples.push_back({group, static_cast<std::int32_t>(prompt), static_cast<std::int32_t>(response)});
  }
  return samples;
}

std::unique_ptr<RequestStream> requests_of(Samples samples, std::int64_t block_tokens) {
  return std::make_unique<SampledRequests>(std::move(samples), block_tokens);
}

}  // namespace plenum::workload
