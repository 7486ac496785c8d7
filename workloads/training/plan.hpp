// How a training job is spread over ranks and in time. The rank order of the dimensions is innermost first:
// "tp-cp-dp-pp" is Megatron's default, "tp-cp-pp-dp" is Llama 3's (arXiv 2407.21783, 3.3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"
#include "sim/core/precision.hpp"
#include "workloads/model.hpp"
#include "workloads/operation.hpp"
#include "workloads/training/schedule.hpp"

namespace plenum::workload {

enum class Recompute : std::uint8_t {
  automatic,  ///< the least of the following that fits in the device's memory
  none,
  selective,  ///< attention's core only (Korthikanti 2022); free with a fused attention kernel
  modules,    ///< recompute_modules; without them the cheap ones: norms, activations, latent attention's decompression
  full        ///< layers from their input: all, or the first recompute_layers of each chunk
};
/// Modules of a layer that are computed again in its backward pass, as Megatron's --recompute-modules calls them;
/// mlp_act is what moe_act is, in dense MLPs and shared experts.
struct RecomputeModules {
  bool core_attn = false;  ///< scores, softmax and values; a fused kernel's forward pass
  bool mlp = false;        ///< dense, from its input
  bool mlp_act = false;
  bool moe = false;  ///< router, exchanges, experts and shared experts, from their input
  bool moe_act = false;
  bool shared_experts = false;
  bool layernorm = false;
  bool mla_up_proj = false;  ///< latent attention's decompression
};
enum class Sharding : std::uint8_t {
  none,       ///< plain data parallel: all-reduce of gradients, replicated optimizer
  optimizer,  ///< ZeRO-1 / distributed optimizer: reduce-scatter of gradients, all-gather of parameters
  gradients,  ///< ZeRO-2
  parameters  ///< ZeRO-3 / FSDP full shard: all-gather before use in both passes
};
/// How tokens reach their experts.
enum class Dispatch : std::uint8_t {
  all_to_all,  ///< NCCL: a token travels once per expert
  per_rank     ///< DeepEP, HybridEP: a token travels once per rank that holds some of its experts
};
/// Which kernels multiply the experts' matrices.
enum class ExpertKernels : std::uint8_t {
  separate,  ///< one product per expert, issued one by one (Transformer Engine's GroupedLinear on cuBLAS)
  grouped,   ///< one kernel for all experts (CUTLASS, DeepGEMM)
  fused      ///< the same with the activation and the casts inside (cuDNN's fused grouped MLP)
};
/// How operands of products in 8 and 4 bits are cast.
enum class Casts : std::uint8_t {
  cached,       ///< Transformer Engine: both copies in one kernel, weights once a step
  per_operand,  ///< torchao, one scale per tensor: every operand once a pass, and copied where it is read transposed
  per_use       ///< torchao, a scale per row: every product casts both of its operands anew
};
/// How ranks that share a sequence attend to all of it: keys and values go round (Liu 2023, arXiv 2310.01889), or heads
/// are exchanged for tokens before and after attention (DeepSpeed-Ulysses, arXiv 2309.14509).
enum class ContextMethod : std::uint8_t { ring, all_to_all };
/// Which of the 24 orders of the four dimensions, innermost first; see names_of().
enum class RankOrder : std::uint8_t { tp_cp_dp_pp, tp_cp_pp_dp };

struct TrainingPlan {
  std::int64_t tensor_parallel = 1;
  std::int64_t context_parallel = 1;
  std::int64_t pipeline_parallel = 1;
  std::int64_t data_parallel = 0;           ///< 0: what the GPUs allow
  std::int64_t expert_parallel = 1;         ///< ranks that share a layer's experts; within tensor x context x data
  std::int64_t expert_tensor_parallel = 1;  ///< ranks that share every matrix of an expert
  std::int64_t virtual_stages = 1;          ///< model chunks per pipeline rank; above 1: interleaved 1F1B, or V-shaped
  PipelineSchedule schedule = PipelineSchedule::one_f_one_b;
  std::vector<std::int64_t> stage_layers{};            ///< of each chunk, along the model; empty: evenly
  ContextMethod context_method = ContextMethod::ring;  ///< with context parallel > 1
  std::int64_t micro_batch = 1;                        ///< sequences
  std::int64_t global_batch = 0;                       ///< sequences
  std::int64_t sequence_length = 0;                    ///< tokens; 0: the model's context
  std::int64_t images = 0;                ///< of a sequence, whose tokens it counts; 0: the vision encoder stays out
  bool frozen_vision = false;             ///< of the encoder only the projector is trained
  Precision precision = Precision::bf16;  ///< of the layers' matrix products; the rest stays in bf16
  Casts casts = Casts::cached;            ///< of the layers' products, experts' apart
  bool gather_quantized = false;          ///< with parameters: gathered in 8 bits (torchao's float8 all-gather)
  Recompute recompute = Recompute::automatic;
  std::optional<RecomputeModules> recompute_modules{};  ///< with modules
  std::int64_t recompute_layers = 0;  ///< with full: layers of each chunk that are computed again; 0: all of them
  std::int64_t recompute_group = 1;   ///< with full: layers between two inputs that are kept
  bool recompute_early_stop = false;  ///< with full: ends before the layer's last product, which no gradient needs
  std::int64_t offload_layers = 0;    ///< of each chunk, the first ones: activations wait in the host's memory
  Sharding sharding = Sharding::optimizer;
  bool shards_in_place = false;   ///< with parameters: gathered where layers read them, no copies (Megatron-FSDP)
  double optimizer_offload = 0;   ///< part of the optimizer's states that host memory holds and the host updates
  bool overlap_offload = false;   ///< gradients and parameters are copied beside the host's update
  std::int64_t shards = 0;        ///< ranks over which states are sharded; 0: all data-parallel (and context) ranks
  bool sequence_parallel = true;  ///< with tensor parallel > 1
  Dispatch dispatch = Dispatch::all_to_all;
  ExpertKernels expert_kernels = ExpertKernels::grouped;
  double expert_imbalance = 1;  ///< tokens of the busiest rank's experts / mean
  std::int64_t adapter_rank =
      0;                         ///< LoRA: only low-rank adapters of this width beside attention's matrices are trained
  bool overlap_data = true;      ///< gradient reduction under backward, parameter gathering under forward
  bool overlap_pipeline = true;  ///< interleaved schedules only, as in Megatron
  bool overlap_tensor = false;   ///< pipelined all-gather/GEMM and GEMM/reduce-scatter (Transformer Engine)
  bool overlap_experts = false;  ///< tokens travel under the computation of another micro-batch (Megatron-Core)
  bool flash_attention = true;   ///< fused attention: no s x s matrix in memory
  AttentionKernel attention_kernel = AttentionKernel::native;  ///< of fused attention
  bool fused_kernels = true;                                   ///< fused norm/activation/bias-dropout kernels
  bool compiled_loss = false;                                  ///< one pass over the logits in each direction
  bool clip_gradients = true;                                  ///< by their norm
  bool dropout = false;                                        ///< GPT-2/3 of 2020 to 2022
  Precision gradient_precision = Precision::fp32;  ///< in which gradients are kept and reduced: fp32 or bf16
  Seconds host_per_kernel{};  ///< that the host takes to issue a kernel; 0: it never holds the GPU up (CUDA graphs)
  RankOrder order = RankOrder::tp_cp_dp_pp;

  std::int64_t ranks_per_replica() const { return tensor_parallel * context_parallel * pipeline_parallel; }
  std::int64_t ranks() const { return ranks_per_replica() * data_parallel; }
  std::int64_t ranks_per_stage() const { return tensor_parallel * context_parallel * data_parallel; }
  std::int64_t expert_data_parallel() const { return ranks_per_stage() / (expert_parallel * expert_tensor_parallel); }
  std::int64_t micro_batches() const { return global_batch / (micro_batch * data_parallel); }
};

std::span<const std::string_view> names_of(Recompute);
std::span<const std::string_view> names_of(Sharding);
std::span<const std::string_view> names_of(AttentionKernel);
std::span<const std::string_view> names_of(Dispatch);
std::span<const std::string_view> names_of(ContextMethod);
std::span<const std::string_view> names_of(Casts);
std::span<const std::string_view> names_of(ExpertKernels);
std::span<const std::string_view> names_of(RankOrder);
void describe(Fields&, RecomputeModules&);
void describe(Fields&, TrainingPlan&);

/// Fills data_parallel and sequence_length when zero; then everything that doesn't divide or can't be: (pointer below
/// the plan, message with what would be right).
std::vector<std::pair<std::string, std::string>> complete(TrainingPlan&, const Transformer&, std::int64_t gpus);

/// Hybrid sharding: several copies of the sharded states.
bool shards_data(const TrainingPlan&);

/// Coordinates of a rank in the plan's order, and back.
struct Coordinates {
  std::int64_t tensor = 0, context = 0, data = 0, pipeline = 0;
};

/// The same ranks of one stage seen from its experts: tensor x context x data ranks are also expert tensor x expert x
/// expert data ranks, in this order (Megatron-Core, parallel_state.py).
struct ExpertCoordinates {
  std::int64_t tensor = 0, expert = 0, data = 0;
};
Coordinates coordinates_of(const TrainingPlan&, std::int64_t rank);
std::int64_t rank_of(const TrainingPlan&, const Coordinates&);
ExpertCoordinates expert_coordinates_of(const TrainingPlan&, std::int64_t rank);
std::int64_t rank_of(const TrainingPlan&, const ExpertCoordinates&, std::int64_t pipeline);

}  // namespace plenum::workload
