// What a deployment of a diffusion model achieved: latencies, pictures per GPU-hour, energy and money. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "analysis/serving_metrics.hpp"

namespace plenum::analysis {

struct PictureCost {
  std::string basis;
  Dollars per_picture{};  ///< image or video
};

struct GenerationMetrics {
  std::string job;
  std::size_t pictures = 0;
  Distribution end_to_end, waiting;  ///< seconds, by request
  double per_second = 0;             ///< done, over the whole run
  double per_gpu_hour = 0;
  double video_seconds_per_gpu_hour = 0;      ///< 0 for images
  double utilization = 0;                     ///< part of the run that replicas were at work
  double mean_batch = 0;                      ///< pictures
  bool sustained = true;                      ///< open loop: the queue did not grow with the run
  datacenter::BatchTime alone;                ///< of a batch of one
  double pass_flops = 0, decoding_flops = 0;  ///< of one sample's pass, of one picture's decoder
  double mfu = 0;  ///< of the denoising alone, against the dense peak of the plan's precision
  std::int64_t gpus = 0;
  Watts power{};  ///< of the job's nodes, with cooling
  Joules energy_per_picture{};
  std::vector<PictureCost> costs;
  calibration::Footing footing = calibration::Footing::measured;
};

GenerationMetrics measure(const scenario::Bound&, const scenario::BoundGeneration&,
                          const datacenter::GenerationResult&);

}  // namespace plenum::analysis
