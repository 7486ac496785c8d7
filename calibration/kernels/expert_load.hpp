// What the router brings to the experts of one GPU: the busiest one, for whom the others wait.
#pragma once

#include "calibration/kernels/kernel_habits.hpp"
#include "calibration/kernels/kernel_shapes.hpp"
#include "calibration/surface.hpp"

namespace plenum::calibration {

struct ExpertLoad {
  double active_experts = 0;   ///< on this GPU, with at least one row
  double rows_per_expert = 0;  ///< of the active ones, at least 1
  double rows_elsewhere = 0;   ///< tokens x top_k that other GPUs' experts get
  double local_experts = 0;    ///< on this GPU
  double rows_beside = 0;      ///< of these, rows of tokens that have one here, too
};

/// `tokens` are routed to top_k of `experts`, of which `local_experts` are on this GPU.
ExpertLoad expert_load(double tokens, double top_k, double experts, double local_experts, Routing);

constexpr Sizes expert_sizes(const ExpertLoad& load, double ffn, const KernelHabits& habits) {
  return {load.rows_per_expert + habits.computed * load.rows_beside / load.active_experts, load.active_experts, ffn};
}

}  // namespace plenum::calibration
