// What a training result means: rates, utilization with the formula named, a breakdown over all ranks that sums to the
// step, memory with a verdict, energy and money. Every function is pure.
#pragma once

#include <string>
#include <vector>

#include "analysis/kernel_error.hpp"
#include "sim/datacenter/result.hpp"
#include "sim/scenario/scenario.hpp"
#include "workloads/training/memory.hpp"

namespace plenum::analysis {

struct Cost {
  Dollars per_step{}, per_trillion_tokens{}, whole_run{};  ///< whole_run: zero when the scenario names no tokens
  std::string basis;  ///< "rent $2.50/GPU-hour", "owned $43,000/GPU over 4.0 years + energy at $0.08/kWh"
};

struct TrainingMetrics {
  std::string job;
  Seconds step{};
  double tokens_per_second = 0, tokens_per_second_per_gpu = 0;
  FlopsPerSecond model_flops_per_gpu{};     ///< the TFLOP/s/GPU that papers print: model FLOPs, no recomputation
  FlopsPerSecond hardware_flops_per_gpu{};  ///< with recomputation
  double mfu = 0, hfu = 0;                  ///< against the dense peak of the plan's precision
  std::string flop_formula;
  datacenter::Breakdown parts{};                ///< mean over ranks; sums to `step`
  datacenter::Exposed exposed{};                ///< its communication parts by kind of collective
  std::vector<workload::StageMemory> memory;    ///< by stage
  workload::MemoryCapacity capacity{Bytes(0)};  ///< of a rank
  std::vector<std::string> ways_to_fit;         ///< empty when it fits
  Watts power{};                                ///< of the job's nodes, with PUE
  Joules energy_per_step{};
  std::vector<Cost> costs;
  calibration::Footing footing = calibration::Footing::measured;
  KernelError kernel_error;
};

/// Mean over all ranks, each class weighted by its members: sums to the step as each rank's parts do.
datacenter::Breakdown mean_breakdown(const std::vector<datacenter::RankClass>&);
datacenter::Exposed mean_exposed(const std::vector<datacenter::RankClass>&);

TrainingMetrics measure(const scenario::Bound&, const scenario::BoundTraining&, const datacenter::TrainingResult&);

}  // namespace plenum::analysis
