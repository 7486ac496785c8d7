#include "analysis/validation/training/row_plan.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "analysis/validation/training/software_generation.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::analysis {
namespace {

using workload::AttentionKernel;
using workload::Casts;
using workload::Recompute;
using workload::Sharding;
using workload::TrainingPlan;

constexpr std::int64_t usual_adapter_rank = 16;  // MLPerf's reference; its products are too thin to matter

template <class Meaning>
using Words = std::vector<std::pair<std::string_view, Meaning>>;

/// The first of these words that a cell contains decides.
const Words<Recompute>& recomputations() {
  static const Words<Recompute> words{
      {"full", Recompute::full}, {"selective", Recompute::selective}, {"none", Recompute::none}};
  return words;
}
const Words<Precision>& precisions() {
  static const Words<Precision> words{
      {"nvfp4", Precision::nvfp4}, {"mx", Precision::mxfp8},  {"subchannel", Precision::fp8_block},
      {"fp8", Precision::fp8},     {"bf16", Precision::bf16}, {"fp16", Precision::fp16}};
  return words;
}

template <class Meaning>
std::optional<Meaning> meaning_of(const RowCells& row, std::string_view column, const Words<Meaning>& words) {
  for (const auto& [word, meaning] : words)
    if (row.mentions(column, word)) return meaning;
  return std::nullopt;
}

template <class Meaning>
std::vector<std::string_view> listed(const Words<Meaning>& words) {
  std::vector<std::string_view> names;
  for (const auto& [word, meaning] : words) names.push_back(word);
  return names;
}

Recompute recompute_of(const RowCells& row) {
  return meaning_of(row, "recompute", recomputations()).value_or(Recompute::automatic);
}

/// 5.1 of "MLPerf Training v5.1"; 0 elsewhere.
double mlperf_round(const RowCells& row) {
  constexpr std::string_view name = "MLPerf Training v";
  const auto date = row.text("date");
  return date.starts_with(name) ? std::strtod(std::string(date.substr(name.size())).c_str(), nullptr) : 0;
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

/// NeMo's performance recipes set userbuffers for tensor-parallel groups within a node, except where 4-bit parameters
/// are gathered (Megatron-Bridge, tests of its NVFP4 recipes).
bool pipelines_tensor(const RowCells& row, Precision precision) {
  const bool recipe = row.mentions("software", "nemo") || row.mentions("family", "dgxc");
  const bool within = row.integer("tp").value_or(1) <= row.integer("gpus_per_node").value_or(8);
  return (recipe && within && precision != Precision::nvfp4) || row.mentions("software", "async tp");
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
  const bool container = row.mentions("software", "nemo container");  // shards with Megatron's FSDP
  const bool eager =
      sharded && !engine && !container && (row.text("gpu").starts_with("A100") || row.text("gpu").starts_with("H"));
  // FSDP 2 trains in 8 bits with torchao, which asks for PyTorch's compiler (torchtitan, docs/float8.md); trainers on
  // FSDP 1 do it with Transformer Engine (Composer's amp_fp8).
  const bool torchao = quantized && sharded && !names_strategy(row) && (eager || row.mentions("software", "float8"));
  if (torchao) plan.casts = row.mentions("precision", "rowwise") ? Casts::per_use : Casts::per_operand;
  plan.fused_kernels = !eager || torchao || row.mentions("software", "compile");
  if (eager)
    plan.attention_kernel =
        alibi || names_strategy(row) ? AttentionKernel::flash_attention_triton : AttentionKernel::flash_attention_2;
  // FSDP from PyTorch 2.1 on; trainers of before called mixed precision "bf16" where it is "amp_bf16" since.
  plan.recompute_early_stop = eager && (!names_strategy(row) || row.mentions("precision", "amp"));
  // Megatron reduces in fp32 when asked to, as for bf16 alone; NeMo's recipes of containers never ask. FSDP 2 does
  // unless told otherwise (torchtitan, mixed_precision_reduce).
  plan.shards_in_place = container;
  if (!modern || (quantized && !torchao) || container) plan.gradient_precision = Precision::bf16;
  plan.overlap_tensor = pipelines_tensor(row, plan.precision);
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

/// FSDP with a pipeline is torchtitan, which cuts a replica's batch into as many micro-batches as ranks of the pipeline
/// (2024, pipeline_parallel_microbatches), keeps parameters between them and interleaves two stages of each rank.
void cut_batch(TrainingPlan& plan, const RowCells& row) {
  const bool torchtitan = plan.sharding == Sharding::parameters && !names_strategy(row);
  if (!torchtitan || plan.pipeline_parallel == 1 || row.integer("mbs")) return;
  plan.sharding = Sharding::gradients;
  const std::int64_t replicas =
      row.required("n_gpus") / (plan.tensor_parallel * plan.pipeline_parallel * plan.context_parallel);
  plan.micro_batch = std::max<std::int64_t>(plan.global_batch / (replicas * plan.pipeline_parallel), 1);
  if (row.mentions("software", "interleaved")) plan.virtual_stages = 2;
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

std::int64_t domain_of(const topology::ClusterSpecification& cluster) {
  return cluster.node.gpus * std::max<std::int64_t>(1, cluster.node.nvlink_domain_nodes);
}

/// Unstated, experts are split as the rest is (Megatron's default) where that leaves whole groups.
void state_experts(TrainingPlan& plan, const RowCells& row, const workload::Transformer& model, std::int64_t domain) {
  plan.expert_parallel = std::max<std::int64_t>(row.integer("ep").value_or(1), 1);
  const std::int64_t stage = row.required("n_gpus") / plan.pipeline_parallel;
  const bool whole = stage % (plan.expert_parallel * plan.tensor_parallel) == 0;
  plan.expert_tensor_parallel = row.integer("etp").value_or(whole ? plan.tensor_parallel : 1);
  // Newer software exchanges tokens with DeepEP or HybridEP.
  const std::int64_t container = container_of(row);
  const bool blackwell = is_blackwell(row.text("gpu"));
  if (blackwell || container > 0) plan.dispatch = workload::Dispatch::per_rank;
  plan.expert_kernels = workload::ExpertKernels::separate;
  plan.host_per_kernel = container > 0 && container < 2600 ? early_mixture_host : mixture_host;
  // Exchanges that leave the NVLink domain run under another micro-batch's work, which interleaving needs (Megatron,
  // --overlap-moe-expert-parallel-comm).
  plan.overlap_experts = plan.expert_parallel * plan.expert_tensor_parallel > domain && plan.virtual_stages > 1;
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

}  // namespace

bool states_plan(const RowCells& row) {
  return (!row.text("tp").empty() && !row.text("pp").empty()) || row.integer("fsdp_shards").value_or(0) > 0;
}

std::vector<std::string_view> precision_words() { return listed(precisions()); }
std::vector<std::string_view> recompute_words() { return listed(recomputations()); }

Precision precision_of(const RowCells& row) {
  if (const auto stated = meaning_of(row, "precision", precisions())) return *stated;
  // MLPerf's code trains language models in 8 bits since Hopper and in 4 on Blackwell from round 5.1 on; others on
  // Blackwell have used 8 from the beginning.
  const auto gpu = row.text("gpu");
  const double round = mlperf_round(row);
  if (is_blackwell(gpu)) return round >= 5.1 ? Precision::nvfp4 : Precision::fp8;
  return round > 0 && gpu.starts_with("H") ? Precision::fp8 : Precision::bf16;
}

workload::TrainingPlan plan_of(const RowCells& row, const workload::Transformer& model, const PlanPlace& place) {
  const auto generation = software_generation(row);
  TrainingPlan plan;
  plan.global_batch = row.required("gbs_sequences");
  plan.sequence_length = row.required("seq_len_tokens");
  plan.micro_batch = row.integer("mbs").value_or(0);
  plan.precision = precision_of(row);
  plan.recompute = recompute_of(row);
  plan.sharding = sharding_of(row, generation);
  follow_generation(plan, row, generation, model.alibi);
  if (row.mentions("phase", "lora")) plan.adapter_rank = usual_adapter_rank;
  checkpoint_alternately(plan, row, model);
  if (!states_plan(row)) {
    if (const auto fastest = fastest_plan(model, plan, place)) return *fastest;
    throw Unsupported{"the table states no plan, and none of up to 8 x 8 x 32 ranks per replica fits"};
  }
  plan.micro_batch = std::max<std::int64_t>(plan.micro_batch, 1);
  state_sizes(plan, row);
  cut_batch(plan, row);
  if (model.experts) state_experts(plan, row, model, domain_of(place.cluster));
  // Unstated like recomputation: the least sharding that fits.
  if (row.text("zero_or_dist_opt").empty() && plan.sharding == Sharding::optimizer &&
      !fits(model, with_full_recompute(plan), place.gpus, place.device.specification.memory))
    plan.sharding = Sharding::parameters;
  return plan;
}

}  // namespace plenum::analysis
