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

  /// All attention ranks of the replica in lockstep: as long as the slowest one needs.
  Seconds step(std::span<const RankStep>);
  /// The same for decodes alone, `context` tokens cached in all.
  Seconds decode_step(std::int64_t sequences, std::int64_t context);

  calibration::Footing footing() const { return footing_; }

 private:
  struct TokenPrice {
    Seconds gpu{};
    std::int64_t kernels = 0;  ///< 0: not priced yet
  };

  TokenPrice price(workload::StepTokens);
  const TokenPrice& decode_price(std::int64_t tokens);
  Seconds time_of(const workload::Operation&);
  Seconds prompt_attention(const PromptChunk&);
  Seconds decode_attention(std::int64_t sequences, std::int64_t context);
  Seconds with_host(Seconds gpu, std::int64_t kernels, std::int64_t sequences, bool graph) const;
  Seconds use(calibration::Estimate);

  const workload::Transformer& model_;
  const workload::ServingPlan& plan_;
  const workload::EngineProfile& engine_;
  const calibration::Device& device_;
  const calibration::Framework framework_;
  const workload::AttentionShare attention_;
  std::vector<TokenPrice> by_tokens_;
  calibration::Footing footing_ = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
