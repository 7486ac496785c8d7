// A training job as the configuration of another framework tells it.
#pragma once

#include <optional>
#include <string>

#include "sim/core/issue.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct ImportedJob {
  std::string model_name;            ///< of the catalogue, when the framework names its model
  std::optional<Transformer> model;  ///< else
  TrainingPlan plan;
  std::int64_t gpus = 0;            ///< 0: not told
  std::int64_t batch_per_rank = 0;  ///< sequences per step of a data-parallel rank; 0: plan.global_batch is told
  std::int64_t replicate = 1;       ///< hybrid sharding: copies of the sharded states; 1: none
};

/// Fills in what depends on the number of GPUs.
void finish(ImportedJob&, std::int64_t gpus);

/// Megatron-LM's command line, or the script around it: `--num-layers 32 --tensor-model-parallel-size 8 ...`. Shell
/// variables that the text itself sets are filled in. What has no effect on a step is passed over; options that are
/// unknown are warnings.
std::optional<ImportedJob> import_megatron(std::string_view text, const std::string& name, Issues&);

/// torchtitan's TOML (FSDP 2, tensor, pipeline and context parallelism).
std::optional<ImportedJob> import_torchtitan(std::string_view text, const std::string& name, Issues&);

}  // namespace plenum::workload
