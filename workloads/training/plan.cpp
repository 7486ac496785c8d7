#include "workloads/training/plan.hpp"

#include <fmt/format.h>

#include <array>

namespace plenum::workload {
namespace {

constexpr std::array<std::string_view, 5> recompute_names{"automatic", "none", "selective", "modules", "full"};
constexpr std::array<std::string_view, 4> sharding_names{"none", "optimizer", "gradients", "parameters"};
/// Megatron's default and Llama 3's stand first.
constexpr std::array<std::string_view, 24> order_names{
    "tp-cp-dp-pp", "tp-cp-pp-dp", "tp-dp-cp-pp", "tp-dp-pp-cp", "tp-pp-cp-dp", "tp-pp-dp-cp",
    "cp-tp-dp-pp", "cp-tp-pp-dp", "cp-dp-tp-pp", "cp-dp-pp-tp", "cp-pp-tp-dp", "cp-pp-dp-tp",
    "dp-tp-cp-pp", "dp-tp-pp-cp", "dp-cp-tp-pp", "dp-cp-pp-tp", "dp-pp-tp-cp", "dp-pp-cp-tp",
    "pp-tp-cp-dp", "pp-tp-dp-cp", "pp-cp-tp-dp", "pp-cp-dp-tp", "pp-dp-tp-cp", "pp-dp-cp-tp"};

constexpr std::int64_t most_ranks = 1 << 22;  ///< products of the dimensions stay within 64 bits
constexpr Range dimension = between(1, most_ranks);

}  // namespace

std::span<const std::string_view> names_of(Recompute) { return recompute_names; }
std::span<const std::string_view> names_of(Sharding) { return sharding_names; }
std::span<const std::string_view> names_of(AttentionKernel) {
  static constexpr std::array<std::string_view, 3> names{"native", "flash-attention-2", "flash-attention-triton"};
  return names;
}
std::span<const std::string_view> names_of(Dispatch) {
  static constexpr std::array<std::string_view, 2> names{"all-to-all", "per-rank"};
  return names;
}
std::span<const std::string_view> names_of(ContextMethod) {
  static constexpr std::array<std::string_view, 2> names{"ring", "all-to-all"};
  return names;
}
std::span<const std::string_view> names_of(Casts) {
  static constexpr std::array<std::string_view, 3> names{"cached", "per-operand", "per-use"};
  return names;
}
std::span<const std::string_view> names_of(ExpertKernels) {
  static constexpr std::array<std::string_view, 3> names{"separate", "grouped", "fused"};
  return names;
}
std::span<const std::string_view> names_of(RankOrder) { return order_names; }

void describe(Fields& fields, RecomputeModules& modules) {
  fields.optional("core_attn", modules.core_attn, "Attention's core, a fused kernel's forward pass included");
  fields.optional("mlp", modules.mlp, "Dense MLPs, from their input");
  fields.optional("mlp_act", modules.mlp_act, "Activations of dense MLPs and shared experts");
  fields.optional("moe", modules.moe, "Router, exchanges, experts and shared experts, from their input");
  fields.optional("moe_act", modules.moe_act, "Activations of routed experts");
  fields.optional("shared_experts", modules.shared_experts, "Shared experts, from their input");
  fields.optional("layernorm", modules.layernorm, "Norms before attention and MLP");
  fields.optional("mla_up_proj", modules.mla_up_proj, "Latent attention's decompression, with rotary positions");
}

void describe(Fields& fields, TrainingPlan& plan) {
  fields.optional("tensor_parallel", plan.tensor_parallel, "Ranks that share every matrix", dimension);
  fields.optional("context_parallel", plan.context_parallel, "Ranks that share every sequence", dimension);
  fields.optional("pipeline_parallel", plan.pipeline_parallel, "Pipeline stages", dimension);
  fields.optional("data_parallel", plan.data_parallel, "Replicas; 0: what the GPUs allow", between(0, most_ranks));
  fields.optional("expert_parallel", plan.expert_parallel, "Ranks of a stage that share a layer's experts", dimension);
  fields.optional("expert_tensor_parallel", plan.expert_tensor_parallel, "Ranks that share every matrix of an expert",
                  dimension);
  fields.optional("virtual_stages", plan.virtual_stages, "Model chunks per stage; above 1: interleaved 1F1B",
                  between(1, 1 << 16));
  fields.optional("schedule", plan.schedule,
                  "Of the pipeline; 1f1b with virtual_stages is interleaved, zero-bubble is ZB-H1; those in -v have "
                  "two chunks per rank");
  fields.optional("stage_layers", plan.stage_layers,
                  "Layers of each chunk along the model, pipeline_parallel x virtual_stages numbers; empty: evenly");
  fields.optional("context_method", plan.context_method,
                  "Keys and values go round a ring, or heads are exchanged for tokens (Ulysses: all-to-all)");
  fields.optional("micro_batch", plan.micro_batch, "Sequences per micro-batch", between(1, 1 << 20));
  fields.required("global_batch", plan.global_batch, "Sequences per step, all replicas together", between(1, 1 << 28));
  fields.optional("sequence_length", plan.sequence_length, "Tokens per sequence; 0: the model's context",
                  between(0, 1 << 24));
  fields.optional("images", plan.images,
                  "Images in a sequence, among its tokens; 0: none, and the vision encoder stays out",
                  between(0, 1 << 20));
  fields.optional("frozen_vision", plan.frozen_vision, "Of the vision encoder only the projector is trained");
  fields.optional("precision", plan.precision, "Of the layers' matrix products; the rest stays in 16 bits");
  fields.optional("casts", plan.casts,
                  "Of operands in 8 and 4 bits: both copies in one kernel and weights once a step (cached: Transformer "
                  "Engine), every operand in each pass (per-operand: torchao), or by every product (per-use: torchao "
                  "with a scale per row); experts' are cached");
  fields.optional("gather_quantized", plan.gather_quantized,
                  "With sharded parameters and casts per operand: gathered in 8 bits (torchao's float8 all-gather)");
  fields.optional("recompute", plan.recompute, "Activations computed again in backward; automatic: least that fits");
  fields.optional("recompute_layers", plan.recompute_layers,
                  "With full: layers of each chunk that are computed again (Megatron's block method); 0: all",
                  between(0, 1 << 20));
  fields.optional("recompute_modules", plan.recompute_modules,
                  "With modules: which; without them norms, activations and latent attention's decompression");
  fields.optional("recompute_group", plan.recompute_group,
                  "With full: layers between two inputs that are kept (Megatron's uniform method)",
                  between(1, 1 << 20));
  fields.optional(
      "recompute_early_stop", plan.recompute_early_stop,
      "With full: leave out a dense layer's last product, which no gradient needs (PyTorch 2.1's checkpoints)");
  fields.optional("offload_layers", plan.offload_layers,
                  "Layers of each chunk, the first ones, whose activations wait in the host's memory for the backward "
                  "pass (Megatron's --cpu-offloading-num-layers); 0: none",
                  between(0, 1 << 20));
  fields.optional("sharding", plan.sharding, "States split over data-parallel ranks (ZeRO-1, 2, 3)");
  fields.optional("shards", plan.shards, "Ranks over which states are split; 0: all data- and context-parallel ranks",
                  between(0, most_ranks));
  fields.optional("shards_in_place", plan.shards_in_place,
                  "With sharded parameters: gathered where layers read them and reduced where gradients are written "
                  "(Megatron-FSDP); else through a buffer, at the price of copies (PyTorch's FSDP, DeepSpeed)");
  fields.optional("optimizer_offload", plan.optimizer_offload,
                  "Part of the optimizer's states that the host holds and updates, with the gradients and parameters "
                  "sharded like them",
                  between(0, 1));
  fields.optional("overlap_offload", plan.overlap_offload,
                  "Copy gradients and parameters beside the host's update of others");
  fields.optional("sequence_parallel", plan.sequence_parallel, "Split norms and residuals along the sequence, with TP");
  fields.optional("dispatch", plan.dispatch,
                  "A token travels once per expert (all-to-all) or once per rank (per-rank: DeepEP, HybridEP)");
  fields.optional(
      "expert_kernels", plan.expert_kernels,
      "Experts' products one by one (separate), in one kernel (grouped), or with activation and casts inside "
      "(fused)");
  fields.optional("expert_imbalance", plan.expert_imbalance, "Tokens of the busiest rank's experts / mean",
                  between(1, 1000));
  fields.optional("adapter_rank", plan.adapter_rank,
                  "LoRA: width of the adapters beside attention's matrices, all that is trained; 0: everything is",
                  between(0, 1 << 16));
  fields.optional("overlap_data", plan.overlap_data,
                  "Reduce gradients under backward, gather parameters under forward");
  fields.optional("overlap_pipeline", plan.overlap_pipeline,
                  "Send and receive under computation, interleaved 1F1B only");
  fields.optional("overlap_tensor", plan.overlap_tensor, "Pipeline tensor-parallel communication with its product");
  fields.optional("overlap_experts", plan.overlap_experts,
                  "Exchange tokens under the computation of another micro-batch");
  fields.optional("flash_attention", plan.flash_attention, "Fused attention: no score matrix in memory");
  fields.optional(
      "attention_kernel", plan.attention_kernel,
      "Which fused attention kernel runs: the architecture's own, FlashAttention-2, or the first in Triton");
  fields.optional("fused_kernels", plan.fused_kernels, "Fused norm, activation, rotary, loss and residual kernels");
  fields.optional("compiled_loss", plan.compiled_loss,
                  "The loss is compiled into one pass over the logits in each direction (torch.compile)");
  fields.optional("clip_gradients", plan.clip_gradients, "Gradients are clipped by their norm before each step");
  fields.optional("dropout", plan.dropout, "Dropout on embeddings, attention and residuals");
  fields.optional("gradient_precision", plan.gradient_precision,
                  "In which gradients are kept and reduced: fp32 or bf16");
  fields.optional("host_per_kernel", plan.host_per_kernel,
                  "Time that the host takes to issue a kernel; 0: it never holds the GPU up (CUDA graphs)",
                  between(0, 1));
  fields.optional("order", plan.order, "Rank order of the dimensions, innermost first");
}

namespace {

/// The four dimensions of a plan in its order, innermost first: size, and where a coordinate of it is kept.
struct Dimension {
  std::int64_t size;
  std::int64_t Coordinates::*coordinate;
};
std::array<Dimension, 4> dimensions_of(const TrainingPlan& plan) {
  const std::string_view order = order_names[static_cast<std::size_t>(plan.order)];
  std::array<Dimension, 4> dimensions{};
  for (std::size_t i = 0; i < dimensions.size(); ++i) switch (order[3 * i]) {
      case 't':
        dimensions[i] = {plan.tensor_parallel, &Coordinates::tensor};
        break;
      case 'c':
        dimensions[i] = {plan.context_parallel, &Coordinates::context};
        break;
      case 'd':
        dimensions[i] = {plan.data_parallel, &Coordinates::data};
        break;
      default:
        dimensions[i] = {plan.pipeline_parallel, &Coordinates::pipeline};
    }
  return dimensions;
}

}  // namespace

bool shards_data(const TrainingPlan& plan) {
  return plan.sharding != Sharding::none && plan.shards > 0 && plan.shards < plan.data_parallel * plan.context_parallel;
}

Coordinates coordinates_of(const TrainingPlan& plan, std::int64_t rank) {
  Coordinates at;
  for (const auto& [size, coordinate] : dimensions_of(plan)) {
    at.*coordinate = rank % size;
    rank /= size;
  }
  return at;
}

std::int64_t rank_of(const TrainingPlan& plan, const Coordinates& at) {
  std::int64_t rank = 0, stride = 1;
  for (const auto& [size, coordinate] : dimensions_of(plan)) {
    rank += at.*coordinate * stride;
    stride *= size;
  }
  return rank;
}

/// A rank's place among those of its stage, tensor innermost, then context and data in either order of the plan.
static std::int64_t place_in_stage(const TrainingPlan& plan, const Coordinates& at) {
  return at.tensor + plan.tensor_parallel * (at.context + plan.context_parallel * at.data);
}

ExpertCoordinates expert_coordinates_of(const TrainingPlan& plan, std::int64_t rank) {
  const std::int64_t place = place_in_stage(plan, coordinates_of(plan, rank));
  const std::int64_t outer = place / plan.expert_tensor_parallel;
  return {place % plan.expert_tensor_parallel, outer % plan.expert_parallel, outer / plan.expert_parallel};
}

std::int64_t rank_of(const TrainingPlan& plan, const ExpertCoordinates& at, std::int64_t pipeline) {
  const std::int64_t place = at.tensor + plan.expert_tensor_parallel * (at.expert + plan.expert_parallel * at.data);
  const std::int64_t outer = place / plan.tensor_parallel;
  return rank_of(plan, {.tensor = place % plan.tensor_parallel,
                        .context = outer % plan.context_parallel,
                        .data = outer / plan.context_parallel,
                        .pipeline = pipeline});
}

}  // namespace plenum::workload
