// What of a plan doesn't divide, or can't be.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "workloads/training/activation_offload.hpp"
#include "workloads/training/encoder.hpp"
#include "workloads/training/plan.hpp"
#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

/// Passes of a pipeline rank: the event list and the time of a run grow with them, some 10 s at this many.
constexpr std::int64_t most_passes = 1 << 18;

using Problems = std::vector<std::pair<std::string, std::string>>;

class Checker {
 public:
  Checker(TrainingPlan& plan, const Transformer& model, std::int64_t gpus) : plan_(plan), model_(model), gpus_(gpus) {}

  Problems run() {
    if (!numbers_are_sane()) return problems_;
    fill();
    check_ranks();
    const bool ranks_are_right = problems_.empty();
    check_tensor();
    check_context();
    if (model_.diffusion) check_diffusion();
    check_pipeline();
    if (ranks_are_right) check_batch();  // else data_parallel is a guess
    if (ranks_are_right) check_sharding();
    if (ranks_are_right) check_experts();
    check_adapters();
    check_precision();
    for (const auto check : {check_recomputation, check_images, check_offloaded_layers})
      for (auto& problem : check(plan_, model_)) problems_.push_back(std::move(problem));
    return problems_;
  }

 private:
  template <class... Args>
  void problem(std::string pointer, fmt::format_string<Args...> text, Args&&... args) {
    problems_.emplace_back(std::move(pointer), fmt::format(text, std::forward<Args>(args)...));
  }

  void need_at_least(const char* pointer, std::int64_t value, std::int64_t least) {
    if (value < least) problem(pointer, "{} is below {}", value, least);
    if (value > (1 << 28)) problem(pointer, "{} is more than any plan can have", value);
  }

  bool numbers_are_sane() {
    need_at_least("/tensor_parallel", plan_.tensor_parallel, 1);
    need_at_least("/context_parallel", plan_.context_parallel, 1);
    need_at_least("/pipeline_parallel", plan_.pipeline_parallel, 1);
    need_at_least("/data_parallel", plan_.data_parallel, 0);
    need_at_least("/expert_parallel", plan_.expert_parallel, 1);
    need_at_least("/expert_tensor_parallel", plan_.expert_tensor_parallel, 1);
    need_at_least("/virtual_stages", plan_.virtual_stages, 1);
    need_at_least("/micro_batch", plan_.micro_batch, 1);
    need_at_least("/global_batch", plan_.global_batch, 1);
    need_at_least("/sequence_length", plan_.sequence_length, 0);
    need_at_least("/shards", plan_.shards, 0);
    return problems_.empty();
  }

  void fill() {
    if (plan_.sequence_length == 0) plan_.sequence_length = model_.context;
    if (plan_.data_parallel == 0) plan_.data_parallel = std::max<std::int64_t>(1, gpus_ / replica());
  }

  /// Ranks of a replica; stops growing where no cluster follows.
  std::int64_t replica() const {
    constexpr std::int64_t cap = std::int64_t{1} << 30;
    return std::min(cap, std::min(cap, plan_.tensor_parallel * plan_.context_parallel) * plan_.pipeline_parallel);
  }

  void check_ranks() {
    if (replica() * plan_.data_parallel == gpus_) return;
    if (gpus_ % replica() != 0)
      problem("/pipeline_parallel",
              "tensor x context x pipeline parallel = {} x {} x {} = {} ranks per replica don't divide {} GPUs",
              plan_.tensor_parallel, plan_.context_parallel, plan_.pipeline_parallel, replica(), gpus_);
    else
      problem("/data_parallel", "{} replicas of {} ranks need {} GPUs, the job has {}; {} would be right",
              plan_.data_parallel, replica(), replica() * plan_.data_parallel, gpus_, gpus_ / replica());
  }

  void check_tensor() {
    const std::int64_t t = plan_.tensor_parallel;
    const auto divides = [&](std::int64_t size, const char* what) {
      if (size % t != 0) problem("/tensor_parallel", "{} doesn't divide the model's {} ({})", t, what, size);
    };
    const auto has = [&](auto LayerKind::*part, auto what) { return model_has(part, what); };
    const bool denoises = model_.diffusion.has_value();
    if (denoises || has(&LayerKind::mixer, Mixer::attention) || has(&LayerKind::mixer, Mixer::latent_attention))
      divides(model_.heads, "heads");
    if (denoises || has(&LayerKind::mlp, Mlp::dense)) divides(model_.ffn, "ffn");
    if (has(&LayerKind::mixer, Mixer::state_space)) divides(model_.state_space->heads, "state_space heads");
    check_kv_heads(has(&LayerKind::mixer, Mixer::attention));
    if (t > 1 && plan_.sequence_parallel && local_sequence() % t != 0)
      problem("/sequence_parallel", "tensor_parallel ({}) doesn't divide the {} tokens of a sequence on a rank", t,
              local_sequence());
  }

  template <class Part>
  bool model_has(Part LayerKind::*part, Part what) const {
    const auto counts = model_.layer_counts();
    return std::ranges::any_of(counts, [&](const LayerCount& c) { return c.kind.*part == what; });
  }

  /// Fewer heads of keys and values than ranks are copied, so that each rank has one.
  void check_kv_heads(bool grouped_query) {
    const std::int64_t t = plan_.tensor_parallel, heads = model_.kv_heads;
    if (grouped_query && heads % t != 0 && t % heads != 0)
      problem("/tensor_parallel", "{} and the model's kv_heads ({}) don't divide each other", t, heads);
  }

  std::int64_t local_sequence() const { return plan_.sequence_length / plan_.context_parallel; }

  void check_context() {
    const std::int64_t c = plan_.context_parallel;
    // Causal attention is balanced by giving each rank one early and one late piece of the sequence (Megatron-LM).
    if (c > 1 && !model_.diffusion && plan_.sequence_length % (2 * c) != 0)
      problem("/context_parallel", "sequence_length ({}) is not a multiple of 2 x context_parallel ({})",
              plan_.sequence_length, 2 * c);
    if (c > 1 && plan_.context_method == ContextMethod::all_to_all) check_exchanged_heads();
    if (c > 1 && !plan_.flash_attention) problem("/flash_attention", "context_parallel above 1 needs flash_attention");
  }

  /// How long the sequence is, the picture says; all of it is attended to, so that every piece is as much work.
  void check_diffusion() {
    if (plan_.sequence_length != model_.context)
      problem("/sequence_length", "the model's picture and text make {} tokens, not {}; leave it out", model_.context,
              plan_.sequence_length);
    else if (plan_.sequence_length % plan_.context_parallel != 0)
      problem("/context_parallel", "{} doesn't divide the {} tokens of picture and text", plan_.context_parallel,
              plan_.sequence_length);
    if (plan_.adapter_rank > 0)
      problem("/adapter_rank", "adapters of diffusion transformers are not modelled; 0 would be right");
  }

  /// Ranks that exchange heads for tokens need one each.
  void check_exchanged_heads() {
    const std::int64_t heads = model_.heads / plan_.tensor_parallel, c = plan_.context_parallel;
    if (heads % c != 0)
      problem("/context_parallel", "{} doesn't divide the {} heads of a rank, which all-to-all exchanges", c, heads);
    if (model_has(&LayerKind::mixer, Mixer::state_space))
      problem("/context_method", "all-to-all exchanges attention's heads; layers with a state space have none");
  }

  void check_schedule() {
    if (plan_.schedule == PipelineSchedule::one_f_one_b) return;
    const auto name = names_of(plan_.schedule)[static_cast<std::size_t>(plan_.schedule)];
    if (is_v_shaped(plan_.schedule)) {
      if (plan_.virtual_stages != 2) problem("/virtual_stages", "{} has two chunks per rank; 2 would be right", name);
    } else if (plan_.virtual_stages > 1) {
      problem("/virtual_stages", "{} has one chunk per rank; 1 would be right", name);
    }
    if (splits_backward(plan_.schedule) && plan_.adapter_rank > 0)
      problem("/schedule", "{} delays gradients of weights, which adapters don't have; 1f1b would be right", name);
  }

  bool interleaves() const { return plan_.virtual_stages > 1 && plan_.schedule == PipelineSchedule::one_f_one_b; }

  void check_stage_layers(std::int64_t slots) {
    const auto& layers = plan_.stage_layers;
    if (layers.empty()) return;
    const std::int64_t all = model_.layers + model_.predicted_ahead;
    const std::int64_t sum = std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
    if (static_cast<std::int64_t>(layers.size()) != slots)
      problem("/stage_layers", "{} numbers for pipeline_parallel x virtual_stages = {} chunks", layers.size(), slots);
    if (std::ranges::any_of(layers, [](auto n) { return n < 0 || n > 1 << 20; }))
      problem("/stage_layers", "a number of layers is at least 0");
    else if (sum != all)
      problem("/stage_layers", "the numbers add up to {}, the model has {} layers{}", sum, all,
              model_.predicted_ahead > 0 ? " with those of multi-token prediction" : "");
  }

  void check_pipeline() {
    const std::int64_t slots = plan_.pipeline_parallel * plan_.virtual_stages;
    if (plan_.virtual_stages > 1 && plan_.pipeline_parallel == 1)
      problem("/virtual_stages", "interleaving ({}) needs pipeline_parallel above 1", plan_.virtual_stages);
    check_schedule();
    check_stage_layers(slots);
    if (slots > model_.layers + 2 && plan_.stage_layers.empty())
      problem("/virtual_stages", "pipeline_parallel x virtual_stages = {} x {} = {} chunks for {} layers, at most {}",
              plan_.pipeline_parallel, plan_.virtual_stages, slots, model_.layers, model_.layers + 2);
  }

  void check_batch() {
    const std::int64_t together = plan_.micro_batch * plan_.data_parallel;
    if (plan_.global_batch % together != 0) {
      problem("/global_batch", "{} is not a multiple of micro_batch x data_parallel = {} x {} = {}", plan_.global_batch,
              plan_.micro_batch, plan_.data_parallel, together);
    } else if (plan_.schedule == PipelineSchedule::dualpipe_v && plan_.micro_batches() < 2 * plan_.pipeline_parallel) {
      problem("/schedule", "dualpipe-v needs at least 2 x pipeline_parallel = {} micro-batches, the batch has {}",
              2 * plan_.pipeline_parallel, plan_.micro_batches());
    } else if (interleaves() && plan_.micro_batches() % plan_.pipeline_parallel != 0) {
      problem("/virtual_stages", "interleaving needs micro-batches ({}) in multiples of pipeline_parallel ({})",
              plan_.micro_batches(), plan_.pipeline_parallel);
    }
    if (plan_.micro_batches() > most_passes / plan_.virtual_stages)
      problem("/global_batch", "{} micro-batches of {} chunks per rank; a step has at most {} of both together",
              plan_.micro_batches(), plan_.virtual_stages, most_passes);
    if (model_.learned_positions && plan_.sequence_length > model_.context)
      problem("/sequence_length", "{} is longer than the model's {} learned positions (context)", plan_.sequence_length,
              model_.context);
  }

  void check_sharding() {
    const std::int64_t ranks = plan_.data_parallel * plan_.context_parallel;
    if (plan_.shards > 0 && ranks % plan_.shards != 0)
      problem("/shards", "{} doesn't divide the {} data- and context-parallel ranks", plan_.shards, ranks);
  }

  void check_experts() {
    const std::int64_t expert = plan_.expert_parallel, tensor = plan_.expert_tensor_parallel;
    if (!model_.experts) {
      if (expert > 1) problem("/expert_parallel", "the model has no experts; 1 would be right");
      if (tensor > 1) problem("/expert_tensor_parallel", "the model has no experts; 1 would be right");
      return;
    }
    if (model_.experts->count % expert != 0)
      problem("/expert_parallel", "{} doesn't divide the model's experts ({})", expert, model_.experts->count);
    if (model_.experts->ffn % tensor != 0)
      problem("/expert_tensor_parallel", "{} doesn't divide the experts' ffn ({})", tensor, model_.experts->ffn);
    if (plan_.ranks_per_stage() % (expert * tensor) != 0)
      problem(
          "/expert_parallel",
          "expert x expert tensor parallel = {} x {} doesn't divide the {} ranks of a stage (tensor x context x data)",
          expert, tensor, plan_.ranks_per_stage());
    if (expert == 1 && plan_.expert_imbalance > 1)
      problem("/expert_imbalance", "every rank has all experts and none is busier than another; 1 would be right");
    if (plan_.tensor_parallel > 1 && !plan_.sequence_parallel)
      problem("/sequence_parallel", "experts with tensor parallelism need it: each rank dispatches tokens of its own");
  }

  void check_adapters() {
    const auto has = [&](Mixer mixer) { return model_has(&LayerKind::mixer, mixer); };
    if (plan_.adapter_rank > 0 && !model_.diffusion && !has(Mixer::attention) && !has(Mixer::latent_attention))
      problem("/adapter_rank", "adapters stand beside attention's matrices, the model has none; 0 would be right");
  }

  void check_precision() {
    const Precision p = plan_.precision;
    if (p == Precision::fp32 || p == Precision::tf32 || p == Precision::int8)
      problem("/precision",
              "\"{}\" is no precision of mixed-precision training; one of bf16, fp16, fp8, fp8_block, "
              "mxfp8, nvfp4",
              name_of(p));
    if (plan_.gradient_precision != Precision::fp32 && plan_.gradient_precision != Precision::bf16)
      problem("/gradient_precision", "\"{}\" is neither fp32 nor bf16", name_of(plan_.gradient_precision));
  }

  TrainingPlan& plan_;
  const Transformer& model_;
  std::int64_t gpus_;
  Problems problems_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> complete(TrainingPlan& plan, const Transformer& model,
                                                          std::int64_t gpus) {
  return Checker(plan, model, gpus).run();
}

}  // namespace plenum::workload
