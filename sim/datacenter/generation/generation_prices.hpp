// How long a replica takes for a batch of pictures: text encoder, passes of the transformer, decoder. Kernels are
// priced as training's forward pass is: denoising keeps a GPU as busy and as hot.
#pragma once

#include <vector>

#include "calibration/collectives/situation.hpp"
#include "sim/datacenter/generation/generation_result.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

class GenerationPrices {
 public:
  GenerationPrices(const scenario::Bound&, const scenario::BoundGeneration&);

  /// Text encoder and decoder run on one GPU of the replica, as diffusers and xDiT have them without parallel decoding.
  BatchTime time_of(std::int64_t pictures) const { return times_[static_cast<std::size_t>(pictures - 1)]; }
  calibration::Footing footing() const { return footing_; }

 private:
  BatchTime price_batch(std::int64_t pictures);
  Seconds on_one_gpu(const workload::Operations&);
  void price_pass(std::int64_t pictures, BatchTime&);
  Seconds collective(const workload::Communication&) const;

  const scenario::Bound& bound_;
  const scenario::BoundGeneration& job_;
  calibration::Situation situation_;  ///< of the GPUs that share a pass
  calibration::Footing footing_ = calibration::Footing::measured;
  std::vector<BatchTime> times_;  ///< by pictures of a batch, from one
};

}  // namespace plenum::datacenter
