// What a deployment of a diffusion model did, before anybody interprets it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calibration/device.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::datacenter {

struct PictureRecord {
  Seconds arrival{}, start{}, done{};
};

/// Where the time of one batch goes.
struct BatchTime {
  Seconds encoding{}, denoising{}, decoding{};
  Seconds exposed{};  ///< of the denoising, communication that the GPUs wait for
  Seconds total() const { return encoding + denoising + decoding; }
};

struct GenerationResult {
  std::string job;
  std::vector<PictureRecord> pictures;  ///< images or videos, in the order of arrival
  BatchTime alone;                      ///< of a batch of one
  double busy_seconds = 0;              ///< of replicas
  std::int64_t batches = 0;
  std::int64_t waiting_at_last_arrival = 0;  ///< open loop
  Seconds end{};
  calibration::Footing footing = calibration::Footing::measured;
};

}  // namespace plenum::datacenter
