// How one replica of a model is spread over GPUs, and in which number formats it computes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/fields.hpp"
#include "sim/core/precision.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

struct ServingPlan {
  std::int64_t tensor_parallel = 1;
  std::int64_t pipeline_parallel = 1;
  /// Attention is replicated this often, each rank with requests of its own; the ranks go in lockstep, since they share
  /// the experts.
  std::int64_t attention_data_parallel = 1;
  std::int64_t expert_parallel =
      1;  ///< experts are spread over this many ranks; the rest of a stage splits each expert
  Precision precision = Precision::bf16;  ///< of linear layers
  /// Queries, keys and values come from matrices in bf16 all the same, as in NVIDIA's FP4 checkpoints.
  bool attention_in_bf16 = false;
  Precision expert_precision = Precision::bf16;  ///< of experts
  Precision kv_cache = Precision::bf16;
  Precision state = Precision::fp32;  ///< of state-space layers (Mamba-2, Gated DeltaNet)

  Precision attention_input() const { return attention_in_bf16 ? Precision::bf16 : precision; }
  std::int64_t stage_gpus() const { return tensor_parallel * attention_data_parallel; }
  std::int64_t gpus() const { return stage_gpus() * pipeline_parallel; }
};

void describe(Fields&, ServingPlan&);

/// What single fields can't show; pointer below the plan, message.
std::vector<std::pair<std::string, std::string>> check(const ServingPlan&, const Transformer&);

}  // namespace plenum::workload
