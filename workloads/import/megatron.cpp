#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "workloads/import/imported_job.hpp"
#include "workloads/import/option_reader.hpp"

namespace plenum::workload {
namespace {

/// Defaults are Megatron-LM's (megatron/training/arguments.py).
class Importer {
 public:
  Importer(std::string_view text, const std::string& name, Issues& issues)
      : options_(text, name, issues), issues_(issues), start_{name, 1, 1} {}

  ImportedJob run() {
    read_widths();
    read_style();
    if (options_.has("num-experts")) read_experts();
    if (options_.has("multi-latent-attention")) read_latent_attention();
    read_dimensions();
    read_batch();
    read_precision();
    read_recompute();
    read_sharding();
    read_kernels();
    read_gpus();
    job_.model = model_;
    options_.tell_ignored();
    return std::move(job_);
  }

 private:
  std::int64_t needed(std::string_view name) {
    if (!options_.has(name))
      issues_.error(start_, "", fmt::format("--{} is missing; a step can't be known without it", name));
    return options_.number(name, 1);
  }

  void read_widths() {
    model_.name = "megatron";
    model_.layers = needed("num-layers");
    model_.hidden = needed("hidden-size");
    model_.heads = needed("num-attention-heads");
    if (options_.has("group-query-attention")) model_.kv_heads = options_.number("num-query-groups", 1);
    model_.head_dim = options_.number("kv-channels", 0);
    model_.gated_mlp = options_.has("swiglu");
    // Megatron shrinks a gated MLP to two thirds, in multiples of 64.
    const std::int64_t usual = model_.gated_mlp ? 4 * model_.hidden * 2 / 3 / 64 * 64 : 4 * model_.hidden;
    model_.ffn = options_.number("ffn-hidden-size", usual);
    model_.context = options_.number("max-position-embeddings", options_.number("seq-length", 1));
    model_.vocabulary = options_.number("padded-vocab-size", options_.number("vocab-size", 0));
    if (!options_.has("vocab-size") && !options_.has("padded-vocab-size")) {
      model_.vocabulary = 50257;
      issues_.warning(start_, "", "no --vocab-size: GPT-2's 50,257 tokens are taken");
    }
    model_.predicted_ahead = options_.number("mtp-num-layers", 0, 0);
  }

  void read_style() {
    const auto positions = options_.choice("position-embedding-type", 0, {"learned_absolute", "rope", "yarn", "none"});
    model_.learned_positions = positions == 0 && !options_.has("use-rotary-position-embeddings");
    model_.norm =
        options_.choice("normalization", 0, {"LayerNorm", "RMSNorm"}) == 1 ? Norm::rms_norm : Norm::layer_norm;
    model_.tied_embeddings = !options_.has("untie-embeddings-and-output-weights");
    model_.biases = !options_.has("disable-bias-linear");
    model_.qkv_biases = options_.has("add-qkv-bias");
    model_.qk_norm = options_.has("qk-layernorm");
    job_.plan.dropout = options_.real("attention-dropout", 0.1) > 0 || options_.real("hidden-dropout", 0.1) > 0;
  }

  void read_experts() {
    Experts experts;
    experts.count = options_.number("num-experts", 1);
    experts.active = options_.number("moe-router-topk", 2);
    experts.ffn = options_.number("moe-ffn-hidden-size", model_.ffn);
    experts.shared_ffn = options_.number("moe-shared-expert-intermediate-size", 0, 0);
    read_layer_frequency(experts);
    model_.experts = experts;
    const bool deep = options_.has("moe-enable-deepep") ||
                      options_.choice("moe-token-dispatcher-type", 0, {"allgather", "alltoall", "flex"}) == 2;
    job_.plan.dispatch = deep ? Dispatch::per_rank : Dispatch::all_to_all;
    job_.plan.expert_parallel = options_.number("expert-model-parallel-size", 1);
    job_.plan.expert_tensor_parallel =
        options_.number("expert-tensor-parallel-size", options_.number("tensor-model-parallel-size", 1));
  }

  /// A number n (every n-th layer), or a list "([0]*3+[1]*58)": dense layers first.
  void read_layer_frequency(Experts& experts) {
    const std::string text = options_.text("moe-layer-freq");
    const auto star = text.find("[0]*");
    if (star == std::string::npos) {
      if (!text.empty() && text.find('[') == std::string::npos) experts.every = options_.number("moe-layer-freq", 1);
      return;
    }
    const char* digits = text.data() + star + 4;
    std::from_chars(digits, text.data() + text.size(), experts.first);
  }

  void read_latent_attention() {
    model_.latent_attention = LatentAttention{.query_rank = options_.number("q-lora-rank", 0, 0),
                                              .kv_rank = options_.number("kv-lora-rank", 32),
                                              .content_dim = options_.number("qk-head-dim", 128),
                                              .position_dim = options_.number("qk-pos-emb-head-dim", 64),
                                              .value_dim = options_.number("v-head-dim", 128)};
  }

  void read_dimensions() {
    TrainingPlan& plan = job_.plan;
    plan.tensor_parallel = options_.number("tensor-model-parallel-size", 1);
    plan.pipeline_parallel = options_.number("pipeline-model-parallel-size", 1);
    plan.context_parallel = options_.number("context-parallel-size", 1);
    plan.sequence_parallel = options_.has("sequence-parallel");
    plan.virtual_stages = options_.number("num-virtual-stages-per-pipeline-rank", 1);
    const std::int64_t layers = options_.number("num-layers-per-virtual-pipeline-stage", 0);
    if (layers > 0) plan.virtual_stages = std::max<std::int64_t>(1, model_.layers / plan.pipeline_parallel / layers);
    plan.overlap_pipeline = !options_.has("no-overlap-p2p-communication");
    if (options_.has("use-tp-pp-dp-mapping")) plan.order = RankOrder::tp_cp_pp_dp;
    const auto exchange = options_.choice("cp-comm-type", 0, {"p2p", "all_gather", "a2a"});
    plan.context_method = exchange == 2 ? ContextMethod::all_to_all : ContextMethod::ring;
    read_uneven_stages();
  }

  /// The first and the last stage may have other numbers of layers than the even rest between them.
  void read_uneven_stages() {
    const std::int64_t stages = job_.plan.pipeline_parallel;
    const std::int64_t first = options_.number("decoder-first-pipeline-num-layers", 0);
    const std::int64_t last = options_.number("decoder-last-pipeline-num-layers", 0);
    const std::int64_t others = stages - (first > 0) - (last > 0), left = model_.layers - first - last;
    if ((first == 0 && last == 0) || others < 1 || stages > std::min<std::int64_t>(model_.layers, 1 << 16)) return;
    if (left < others || left % others != 0)
      return issues_.error(start_, "", fmt::format("{} layers don't divide over the {} stages between", left, others));
    auto& layers = job_.plan.stage_layers;
    layers.assign(static_cast<std::size_t>(stages), left / others);
    if (first > 0) layers.front() = first;
    if (last > 0) layers.back() = last;
  }

  void read_batch() {
    job_.plan.sequence_length = needed("seq-length");
    job_.plan.micro_batch = options_.number("micro-batch-size", 1);
    job_.plan.global_batch = options_.number("global-batch-size", 0);
    if (job_.plan.global_batch == 0) job_.batch_per_rank = job_.plan.micro_batch;
  }

  void read_precision() {
    if (!options_.has("bf16") && !options_.has("fp16"))
      issues_.warning(start_, "", "neither --bf16 nor --fp16: Megatron would compute in fp32; bf16 is taken");
    job_.plan.precision = options_.has("fp16") ? Precision::fp16 : Precision::bf16;
    if (options_.has("fp8-format") || options_.has("fp8")) {
      static constexpr std::array recipes{Precision::fp8, Precision::fp8, Precision::fp8_block, Precision::mxfp8};
      job_.plan.precision = recipes[options_.choice("fp8-recipe", 0, {"delayed", "tensorwise", "blockwise", "mxfp8"})];
    }
    if (options_.has("fp4-format")) job_.plan.precision = Precision::nvfp4;
    const bool narrow = options_.has("grad-reduce-in-bf16") ||
                        (options_.has("fp16") && !options_.has("accumulate-allreduce-grads-in-fp32"));
    job_.plan.gradient_precision = narrow ? Precision::bf16 : Precision::fp32;
  }

  void read_recompute() {
    TrainingPlan& plan = job_.plan;
    const auto granularity = options_.choice("recompute-granularity", 2, {"full", "selective", "none"});
    plan.recompute = granularity == 0 ? Recompute::full : Recompute::none;
    if (granularity == 1 || options_.has("recompute-activations") || options_.has("moe-layer-recompute"))
      read_modules();
    if (plan.recompute != Recompute::full) return;
    const bool block = options_.choice("recompute-method", 0, {"uniform", "block"}) == 1;
    (block ? plan.recompute_layers : plan.recompute_group) = options_.number("recompute-num-layers", 1);
  }

  /// Attention's core unless told otherwise.
  void read_modules() {
    static const std::vector<std::pair<std::string, bool RecomputeModules::*>> known{
        {"core_attn", &RecomputeModules::core_attn},
        {"mlp", &RecomputeModules::mlp},
        {"moe", &RecomputeModules::moe},
        {"moe_act", &RecomputeModules::moe_act},
        {"layernorm", &RecomputeModules::layernorm},
        {"mla_up_proj", &RecomputeModules::mla_up_proj},
        {"shared_experts", &RecomputeModules::shared_experts}};
    std::vector<std::string> names;
    for (const auto& [name, module] : known) names.push_back(name);
    job_.plan.recompute = Recompute::modules;
    RecomputeModules& modules = job_.plan.recompute_modules.emplace();
    if (options_.has("moe-layer-recompute"))
      modules.moe = true;
    else if (!options_.has("recompute-modules"))
      modules.core_attn = true;
    for (const ShellWord& written : options_.values("recompute-modules")) {
      const auto found = std::ranges::find(known, written.text, [](const auto& one) { return one.first; });
      if (found != known.end())
        modules.*(found->second) = true;
      else
        options_.problem(written, fmt::format("--recompute-modules has no \"{}\"{}; known here: {}", written.text,
                                              suggestion(written.text, names), fmt::join(names, ", ")));
    }
  }

  void read_sharding() {
    TrainingPlan& plan = job_.plan;
    plan.sharding = options_.has("use-distributed-optimizer") ? Sharding::optimizer : Sharding::none;
    const bool fsdp =
        options_.has("use-torch-fsdp2") || options_.has("use-megatron-fsdp") || options_.has("use-custom-fsdp");
    plan.shards_in_place = fsdp && !options_.has("use-torch-fsdp2");
    if (fsdp) {
      static constexpr std::array strategies{Sharding::none, Sharding::optimizer, Sharding::gradients,
                                             Sharding::parameters};
      plan.sharding = strategies[options_.choice("data-parallel-sharding-strategy", 3,
                                                 {"no_shard", "optim", "optim_grads", "optim_grads_params"})];
    }
    plan.overlap_data = fsdp || options_.has("overlap-grad-reduce");
    if (options_.has("optimizer-cpu-offload"))
      plan.optimizer_offload = options_.fraction("optimizer-offload-fraction", 1);
    plan.overlap_offload = options_.has("overlap-cpu-optimizer-d2h-h2d");
    plan.offload_layers = options_.number("cpu-offloading-num-layers", 0, 0);
    plan.overlap_tensor = options_.has("tp-comm-overlap");
  }

  void read_kernels() {
    const auto backend = options_.choice("attention-backend", 3, {"unfused", "local", "flash", "fused", "auto"});
    const bool local =
        options_.choice("transformer-impl", 1, {"local", "transformer_engine", "inference_optimized"}) == 0;
    job_.plan.flash_attention = backend >= 2 && (!local || options_.has("use-flash-attn"));
  }

  /// What torchrun, around the script, is told.
  void read_gpus() {
    const std::int64_t nodes = options_.number("nnodes", 0), per_node = options_.number("nproc-per-node", 0);
    job_.gpus = nodes > 0 && per_node > 0 ? nodes * per_node : per_node;
  }

  OptionReader options_;
  Issues& issues_;
  Position start_;
  Transformer model_;
  ImportedJob job_;
};

}  // namespace

std::optional<ImportedJob> import_megatron(std::string_view text, const std::string& name, Issues& issues) {
  Issues found;
  auto job = Importer(text, name, found).run();
  issues.add_in_order(found);
  return found.has_errors() ? std::nullopt : std::optional(std::move(job));
}

}  // namespace plenum::workload
