// What a step takes besides the model's own pass: drafting, adapters, and what moves between the GPUs and host memory.
#pragma once

#include <memory>
#include <optional>

#include "sim/datacenter/serving/step_prices.hpp"
#include "sim/scenario/serving_job.hpp"

namespace plenum::datacenter {

class StepExtras {
 public:
  StepExtras(const scenario::BoundServing&, const scenario::Pool&, const calibration::Device&,
             const topology::NodeSpecification&);

  /// For as long as the batch stays as it is: drafts and adapters, of the rank with the most.
  Seconds per_step(std::span<const RankState>, std::span<const RankStep>);
  /// What was swapped and which adapters were loaded since the last call.
  Seconds moved(std::span<RankState>) const;

 private:
  Seconds drafted(std::span<const RankStep>);
  Seconds adapted(std::int64_t adapters) const;

  const scenario::BoundServing& job_;
  const calibration::Device& device_;
  workload::EngineProfile draft_engine_;
  std::optional<StepPrices> draft_;
  double kv_bytes_per_token_ = 0, adapter_bytes_ = 0;
  std::int64_t adapter_kernels_ = 0;
};

/// Nothing when a step takes nothing besides.
std::unique_ptr<StepExtras> make_extras(const scenario::BoundServing&, const scenario::Pool&,
                                        const calibration::Device&, const topology::NodeSpecification&);

}  // namespace plenum::datacenter
