// How one replica of a model is spread over GPUs, and in which number formats it computes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/fields.hpp"
#include "sim/core/precision.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

/// Number format of the matrices that make queries, keys and values. NVIDIA's FP4 checkpoints have them in bf16; SGLang
/// can make FP8 of the one that widens DeepSeek's compressed queries (SGLANG_NVFP4_CKPT_FP8_GEMM_IN_ATTN, #11805).
enum class AttentionInputs : std::uint8_t { as_others, bf16, fp8_queries };
std::span<const std::string_view> names_of(AttentionInputs);

struct ServingPlan {
  std::int64_t tensor_parallel = 1;
  std::int64_t pipeline_parallel = 1;
  /// Attention is replicated this often, each rank with requests of its own; the ranks go in lockstep, since they share
  /// the experts.
  std::int64_t attention_data_parallel = 1;
  std::int64_t expert_parallel =
      1;  ///< experts are spread over this many ranks; the rest of a stage splits each expert
  Precision precision = Precision::bf16;  ///< of linear layers
  AttentionInputs attention_inputs = AttentionInputs::as_others;
  Precision expert_precision = Precision::bf16;  ///< of experts
  Precision kv_cache = Precision::bf16;
  Precision state = Precision::fp32;  ///< of state-space layers (Mamba-2, Gated DeltaNet)

  Precision attention_input() const;  ///< of those matrices
  Precision latent_queries() const;   ///< of the one that widens compressed queries
  std::int64_t stage_gpus() const { return tensor_parallel * attention_data_parallel; }
  std::int64_t gpus() const { return stage_gpus() * pipeline_parallel; }
};

void describe(Fields&, ServingPlan&);

/// What single fields can't show; pointer below the plan, message.
std::vector<std::pair<std::string, std::string>> check(const ServingPlan&, const Transformer&);

}  // namespace plenum::workload
