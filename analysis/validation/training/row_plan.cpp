#include "analysis/validation/training/row_plan.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "analysis/validation/training/software_generation.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::analysis {
namespace {

using workload::AttentionKernel;
using workload::Recompute;
using workload::Sharding;
using workload::TrainingPlan;

// Of Megatron-DeepSpeed in Python, 2022: layers of every small shape take the same 3.5 ms (fitted on the single nodes
// of the public vTrain table). Since then kernels are fused and launched from fewer lines.
constexpr Seconds early_host(60e-6), modern_host(20e-6);

// Eager mixtures of experts: the host walks lists of experts between kernels and waits for the counts of their rows.
// From those fitted rows of small micro-batches that no GPU time explains (some 10 ms per layer on every GPU).
constexpr Seconds mixture_host(28e-6);

constexpr std::int64_t usual_adapter_rank = 16;  // MLPerf's reference; its products are too thin to matter

Recompute recompute_of(const RowCells& row) {
  if (row.mentions("recompute", "full")) return Recompute::full;
  if (row.mentions("recompute", "selective")) return Recompute::selective;
  if (row.mentions("recompute", "none")) return Recompute::none;
  return Recompute::automatic;
}

/// What the table says of ZeRO or FSDP; else FSDP when it states shards, else the generation's habit.
Sharding sharding_of(const RowCells& row, SoftwareGeneration generation) {
  constexpr std::string_view column = "zero_or_dist_opt";
  const auto says = [&](std::string_view words) { return row.mentions(column, words); };
  if (says("shard_grad_op") || says("zero-2") || says("optimizer+grads")) return Sharding::gradients;
  if (says("full_shard") || says("zero-3")) return Sharding::parameters;
  if (says("distributed optimizer") || says("zero-1")) return Sharding::optimizer;
  if (says("none")) return Sharding::none;
  if (row.integer("fsdp_shards").value_or(0) > 0) return Sharding::parameters;
  return generation == SoftwareGeneration::early ? Sharding::none : Sharding::optimizer;
}

/// torch.distributed.fsdp.ShardingStrategy, which FSDP 2 no longer has.
bool names_strategy(const RowCells& row) {
  return row.mentions("zero_or_dist_opt", "full_shard") || row.mentions("zero_or_dist_opt", "shard_grad_op");
}

void follow_generation(TrainingPlan& plan, const RowCells& row, SoftwareGeneration generation, bool alibi) {
  const bool modern = generation == SoftwareGeneration::modern;
  plan.sequence_parallel = row.text("seq_parallel").empty() ? modern : row.text("seq_parallel") == "1";
  plan.flash_attention = modern;
  plan.dropout = !modern;
  plan.overlap_data = modern;
  // FSDP before Blackwell is PyTorch's own, run eagerly: kernels one by one, no attention kernel of the architecture's
  // own; where it speaks of sharding strategies (FSDP 1, to 2023) or of ALiBi, the first one in Triton. The rest is
  // Megatron's line, on Transformer Engine when it trains in 8 bits and below, where gradients are kept in bf16.
  const bool quantized = workload::is_quantized(plan.precision);
  const bool sharded =
      plan.sharding == Sharding::parameters || (plan.sharding == Sharding::gradients && row.text("pp") == "1");
  // NeMo trains in 8 bits on Transformer Engine, sharded or not; others say what they sharded with.
  const bool engine = quantized && row.text("zero_or_dist_opt").empty() && row.text("software").empty();
  const bool eager = sharded && !engine && (row.text("gpu").starts_with("A100") || row.text("gpu").starts_with("H"));
  plan.fused_kernels = !eager || row.mentions("software", "compile");
  if (eager)
    plan.attention_kernel =
        alibi || names_strategy(row) ? AttentionKernel::flash_attention_triton : AttentionKernel::flash_attention_2;
  if (modern && quantized) plan.gradient_precision = Precision::bf16;
  plan.host_per_kernel = modern ? modern_host : early_host;
  // FSDP in pure bf16 also reduces gradients in it.
  if (row.mentions("zero_or_dist_opt", "pure")) plan.gradient_precision = Precision::bf16;
}

void state_sizes(TrainingPlan& plan, const RowCells& row) {
  plan.tensor_parallel = std::max<std::int64_t>(row.integer("tp").value_or(1), 1);
  plan.pipeline_parallel = std::max<std::int64_t>(row.integer("pp").value_or(1), 1);
  plan.context_parallel = std::max<std::int64_t>(row.integer("cp").value_or(1), 1);
  plan.data_parallel = row.integer("dp").value_or(0);
  if (plan.pipeline_parallel > 1) plan.virtual_stages = std::max<std::int64_t>(row.integer("vpp").value_or(1), 1);
  if (plan.sharding == Sharding::parameters) plan.shards = row.integer("fsdp_shards").value_or(0);
}

bool is_blackwell(std::string_view gpu) {
  return gpu.starts_with("B200") || gpu.starts_with("B300") || gpu.starts_with("GB");
}

/// FSDP's selective checkpointing takes every second layer, or every second product of each (torchtitan,
/// activation_checkpoint.selective_ac_option), where Megatron's takes attention's core.
void checkpoint_alternately(TrainingPlan& plan, const RowCells& row, const workload::Transformer& model) {
  if (plan.recompute != Recompute::selective || plan.sharding != Sharding::parameters) return;
  if (row.integer("pp").value_or(1) > 1) return;
  plan.recompute = Recompute::full;
  plan.recompute_layers = (model.layers + 1) / 2;
}

/// 2606 of "NeMo container 26.06.01"; 0 when the software is none.
std::int64_t container_of(const RowCells& row) {
  constexpr std::string_view name = "NeMo container ";
  const auto software = row.text("software");
  if (!software.starts_with(name) || software.size() < name.size() + 5) return 0;
  const auto digits = std::string(software.substr(name.size(), 2)) + std::string(software.substr(name.size() + 3, 2));
  return std::strtol(digits.c_str(), nullptr, 10);
}

/// Unstated, experts are split as the rest is (Megatron's default) where that leaves whole groups.
void state_experts(TrainingPlan& plan, const RowCells& row, const workload::Transformer& model) {
  plan.expert_parallel = std::max<std::int64_t>(row.integer("ep").value_or(1), 1);
  const std::int64_t stage = row.required("n_gpus") / plan.pipeline_parallel;
  const bool whole = stage % (plan.expert_parallel * plan.tensor_parallel) == 0;
  plan.expert_tensor_parallel = row.integer("etp").value_or(whole ? plan.tensor_parallel : 1);
  // Newer software exchanges tokens with DeepEP or HybridEP.
  const std::int64_t container = container_of(row);
  const bool blackwell = is_blackwell(row.text("gpu"));
  if (blackwell || container > 0) plan.dispatch = workload::Dispatch::per_rank;
  plan.expert_kernels = workload::ExpertKernels::separate;
  plan.host_per_kernel = mixture_host;
  // From 26.06 on whole steps are CUDA graphs, and experts of gated models one kernel that activates and casts.
  const bool graphed = container >= 2606 && blackwell && workload::is_quantized(plan.precision) && model.gated_mlp;
  if (!graphed) return;
  plan.expert_kernels = workload::ExpertKernels::fused;
  plan.overlap_experts = true;
  plan.host_per_kernel = Seconds(0);
}

bool fits(const workload::Transformer& model, TrainingPlan plan, std::int64_t gpus, Bytes capacity) {
  return workload::complete(plan, model, gpus).empty() && workload::fits(model, plan, capacity);
}

TrainingPlan with_full_recompute(TrainingPlan plan) {
  plan.recompute = Recompute::full;
  return plan;
}

/// Tensor parallelism stays inside a node and is cheaper than a pipeline, so it grows first.
TrainingPlan default_sizes(const workload::Transformer& model, const TrainingPlan& written, std::int64_t gpus,
                           Bytes capacity) {
  for (const std::int64_t pipeline : {1, 2, 4, 8, 16, 32})
    for (const std::int64_t tensor : {1, 2, 4, 8}) {
      auto plan = written;
      plan.tensor_parallel = tensor;
      plan.pipeline_parallel = pipeline;
      if (fits(model, plan, gpus, capacity)) return plan;
    }
  throw Unsupported{"the table states no plan, and no plan of tensor and pipeline parallelism up to 8 x 32 fits"};
}

}  // namespace

bool states_plan(const RowCells& row) {
  return (!row.text("tp").empty() && !row.text("pp").empty()) || row.integer("fsdp_shards").value_or(0) > 0;
}

Precision precision_of(const RowCells& row) {
  const auto says = [&](std::string_view words) { return row.mentions("precision", words); };
  if (says("nvfp4")) return Precision::nvfp4;
  if (says("mx")) return Precision::mxfp8;
  if (says("subchannel")) return Precision::fp8_block;
  if (says("fp8")) return Precision::fp8;
  if (says("bf16")) return Precision::bf16;
  if (says("fp16")) return Precision::fp16;
  // Trained in 8 bits where nothing else is said: its software has done so from the beginning.
  return is_blackwell(row.text("gpu")) ? Precision::fp8 : Precision::bf16;
}

workload::TrainingPlan plan_of(const RowCells& row, const workload::Transformer& model, Bytes capacity) {
  const auto generation = software_generation(row);
  TrainingPlan plan;
  plan.global_batch = row.required("gbs_sequences");
  plan.sequence_length = row.required("seq_len_tokens");
  plan.micro_batch = std::max<std::int64_t>(row.integer("mbs").value_or(1), 1);
  plan.precision = precision_of(row);
  plan.recompute = recompute_of(row);
  plan.sharding = sharding_of(row, generation);
  follow_generation(plan, row, generation, model.alibi);
  if (row.mentions("phase", "lora")) plan.adapter_rank = usual_adapter_rank;
  checkpoint_alternately(plan, row, model);
  if (!states_plan(row)) return default_sizes(model, plan, row.required("n_gpus"), capacity);
  state_sizes(plan, row);
  if (model.experts) state_experts(plan, row, model);
  // Unstated like recomputation: the least sharding that fits.
  if (row.text("zero_or_dist_opt").empty() && plan.sharding == Sharding::optimizer &&
      !fits(model, with_full_recompute(plan), row.required("n_gpus"), capacity))
    plan.sharding = Sharding::parameters;
  return plan;
}

}  // namespace plenum::analysis
