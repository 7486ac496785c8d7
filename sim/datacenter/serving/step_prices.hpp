// How long a step of a replica takes: kernels as the device model says, collectives as the frameworks' own kernels were
// measured, host time as the engine's profile says.
#pragma once

#include <span>
#include <vector>

#include "calibration/device.hpp"
#include "sim/datacenter/serving/sequence.hpp"
#include "workloads/serving/forward.hpp"

namespace plenum::datacenter {

class StepPrices {
 public:
  StepPrices(const workload::Transformer&, const workload::ServingPlan&, const workload::EngineProfile&,
             const calibration::Device&);

  /// All attention ranks of the replica in lockstep: the slowest one's attention and linear layers, everyone's tokens
  /// through the experts.
  Seconds step(std::span<const RankStep>);
  /// The same for decodes alone, given as sequences and cached tokens of the largest rank.
  Seconds decode_step(std::int64_t sequences, std::int64_t context, std::int64_t sequences_of_all_ranks);

  calibration::Footing footing() const { return footing_; }

 private:
  struct TokenPrice {
    Seconds gpu{};
    std::int64_t kernels = 0;  ///< 0: not priced yet
  };

  const TokenPrice& token_price(workload::StepTokens);
  Seconds time_of(const workload::Operation&);
  Seconds prompt_attention(const PromptChunk&);
  Seconds decode_attention(std::int64_t sequences, std::int64_t context);
  Seconds with_host(Seconds gpu, std::int64_t kernels, std::int64_t sequences, bool graph) const;
  Seconds use(calibration::Estimate);

  const workload::Transformer& model_;
  const workload::ServingPlan& plan_;
  const workload::EngineProfile& engine_;
  const calibration::Device& device_;
  const workload::AttentionShare attention_;
  std::vector<TokenPrice> by_tokens_;  ///< as many logits as tokens: decodes
  calibration::Footing footing_ = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
