#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>

#include "workloads/import/imported_job.hpp"

namespace plenum::workload {
namespace {

/// torchtitan's models (torchtitan/models/*/__init__.py) as this catalogue calls them.
struct Flavor {
  std::string_view model, flavor, name;
};
constexpr std::array flavors{Flavor{"llama3", "8B", "LLAMA3-8B"},
                             Flavor{"llama3", "70B", "LLAMA3-70B"},
                             Flavor{"llama3", "405B", "LLAMA3.1-405B"},
                             Flavor{"llama4", "17bx16e", "LLAMA4-Scout-109B"},
                             Flavor{"llama4", "17bx128e", "LLAMA4-Maverick-400B"},
                             Flavor{"deepseek_v3", "16B", "DeepSeekV2-Lite"},
                             Flavor{"deepseek_v3", "671B", "DeepSeekV3"},
                             Flavor{"qwen3", "0.6B", "Qwen3-0.6B"},
                             Flavor{"qwen3", "1.7B", "Qwen3-1.7B"},
                             Flavor{"qwen3", "4B", "Qwen3-4B"},
                             Flavor{"qwen3", "8B", "Qwen3-8B"},
                             Flavor{"qwen3", "14B", "Qwen3-14B"},
                             Flavor{"qwen3", "32B", "Qwen3-32B"},
                             Flavor{"qwen3", "30B-A3B", "Qwen3-30B-A3B"},
                             Flavor{"qwen3", "235B-A22B", "Qwen3-235B-A22B"},
                             Flavor{"gpt_oss", "20b", "GPT-OSS-20B"},
                             Flavor{"gpt_oss", "120b", "GPT-OSS-120B"}};

/// Sections that change learning, files or logs only.
const std::set<std::string_view> sections_without_effect{
    "job",  "profiling",         "metrics",         "optimizer",  "lr_scheduler", "checkpoint",
    "comm", "memory_estimation", "fault_tolerance", "validation", "debug",        "experimental"};

class Importer {
 public:
  Importer(const toml::table& document, const std::string& name, Issues& issues)
      : document_(document), name_(name), issues_(issues) {}

  ImportedJob run() {
    read_model();
    read_training();
    read_dimensions();
    read_pipeline();
    read_checkpointing();
    read_kernels();
    tell_unknown();
    return std::move(job_);
  }

 private:
  Position where(const toml::node& node) const {
    const auto& begin = node.source().begin;
    return {name_, static_cast<int>(begin.line), static_cast<int>(begin.column)};
  }

  /// A key may stand in an older section, too.
  const toml::node* find(std::initializer_list<std::string_view> sections, std::string_view key) {
    known_.insert(std::string(key));
    for (const auto section : sections)
      if (const auto* table = document_.get_as<toml::table>(section))
        if (const auto* node = table->get(key)) return node;
    return nullptr;
  }

  std::int64_t integer(std::initializer_list<std::string_view> sections, std::string_view key, std::int64_t missing,
                       std::int64_t low = 1) {
    const auto* node = find(sections, key);
    if (!node) return missing;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= low && *value <= std::int64_t{1} << 32) return *value;
    issues_.error(where(*node), "", fmt::format("{} takes a whole number from {} on", key, low));
    return missing;
  }

  std::string text(std::initializer_list<std::string_view> sections, std::string_view key, std::string missing) {
    const auto* node = find(sections, key);
    if (!node) return missing;
    if (const auto value = node->value_exact<std::string>()) return *value;
    issues_.error(where(*node), "", fmt::format("{} takes a text", key));
    return missing;
  }

  bool boolean(std::initializer_list<std::string_view> sections, std::string_view key, bool missing) {
    const auto* node = find(sections, key);
    if (!node) return missing;
    if (const auto value = node->value_exact<bool>()) return *value;
    issues_.error(where(*node), "", fmt::format("{} is true or false", key));
    return missing;
  }

  void read_model() {
    const auto model = text({"model"}, "name", ""), flavor = text({"model"}, "flavor", "");
    const auto found =
        std::ranges::find_if(flavors, [&](const Flavor& f) { return f.model == model && f.flavor == flavor; });
    if (found != flavors.end()) {
      job_.model_name = found->name;
      return;
    }
    std::string known;
    for (const Flavor& f : flavors) known += fmt::format("{}{} {}", known.empty() ? "" : ", ", f.model, f.flavor);
    const auto* node = find({"model"}, "flavor");
    issues_.error(node ? where(*node) : Position{name_, 1, 1}, "",
                  fmt::format("model \"{}\" \"{}\" is unknown; known here: {}", model, flavor, known));
  }

  void read_training() {
    TrainingPlan& plan = job_.plan;
    local_batch_ = integer({"training"}, "local_batch_size", integer({"training"}, "batch_size", 1));
    plan.sequence_length = integer({"training"}, "seq_len", 2048);
    const auto global = integer({"training"}, "global_batch_size", -1, -1);
    if (global > 0) plan.global_batch = global;
    if (global <= 0) job_.batch_per_rank = local_batch_;
    if (boolean({"training"}, "enable_cpu_offload", false)) plan.optimizer_offload = 1;
    plan.gradient_precision =
        text({"training"}, "mixed_precision_reduce", "float32") == "bfloat16" ? Precision::bf16 : Precision::fp32;
  }

  void read_dimensions() {
    TrainingPlan& plan = job_.plan;
    plan.tensor_parallel = integer({"parallelism", "training"}, "tensor_parallel_degree", 1);
    plan.context_parallel = integer({"parallelism", "experimental"}, "context_parallel_degree", 1);
    plan.expert_parallel = integer({"parallelism"}, "expert_parallel_degree", 1);
    plan.expert_tensor_parallel = integer({"parallelism"}, "expert_tensor_parallel_degree", 1);
    job_.replicate = integer({"parallelism", "training"}, "data_parallel_replicate_degree", 1);
    const auto shard = integer({"parallelism", "training"}, "data_parallel_shard_degree", -1, -1);
    if (shard == 1 && job_.replicate > 1) {  // plain data parallelism
      plan.sharding = Sharding::none;
      job_.replicate = 1;
    } else {
      const bool keeps = text({"parallelism", "training"}, "fsdp_reshard_after_forward", "default") == "never";
      plan.sharding = keeps ? Sharding::gradients : Sharding::parameters;
    }
    plan.overlap_tensor = boolean({"parallelism", "experimental"}, "enable_async_tensor_parallel", false);
    plan.order = RankOrder::tp_cp_dp_pp;
  }

  void read_pipeline() {
    TrainingPlan& plan = job_.plan;
    plan.pipeline_parallel = integer({"parallelism", "experimental"}, "pipeline_parallel_degree", 1);
    const auto schedule = text({"parallelism", "experimental"}, "pipeline_parallel_schedule", "1F1B");
    const auto micro_batch = integer({"parallelism"}, "pipeline_parallel_microbatch_size", 1);
    plan.micro_batch = plan.pipeline_parallel > 1 ? micro_batch : local_batch_;
    if (plan.pipeline_parallel == 1) return;
    // FSDP keeps parameters between the micro-batches of a pipeline.
    if (plan.sharding == Sharding::parameters) plan.sharding = Sharding::gradients;
    if (schedule == "Interleaved1F1B") plan.virtual_stages = 2;
    if (schedule == "GPipe") plan.schedule = PipelineSchedule::gpipe;
    if (schedule == "ZBVZeroBubble") plan.schedule = PipelineSchedule::zb_v;
    if (schedule == "DualPipeV") plan.schedule = PipelineSchedule::dualpipe_v;
    if (is_v_shaped(plan.schedule)) plan.virtual_stages = 2;
    const bool other = plan.schedule == PipelineSchedule::one_f_one_b && plan.virtual_stages == 1;
    if (other && schedule != "1F1B")
      issues_.error(where(*find({"parallelism", "experimental"}, "pipeline_parallel_schedule")), "",
                    fmt::format("schedule \"{}\" is unknown; 1F1B, Interleaved1F1B, GPipe, ZBVZeroBubble "
                                "and DualPipeV are known here",
                                schedule));
  }

  /// Selective checkpointing takes every second layer, or every second product of each.
  void read_checkpointing() {
    const auto mode = text({"activation_checkpoint"}, "mode", "selective");
    TrainingPlan& plan = job_.plan;
    plan.recompute = mode == "none" ? Recompute::none : Recompute::full;
    plan.recompute_early_stop = mode != "none";
    if (mode != "selective" || job_.model_name.empty()) return;
    Issues ignored;
    const auto model = find_model(job_.model_name, ignored);
    const std::int64_t chunks = plan.pipeline_parallel * plan.virtual_stages;
    if (model) plan.recompute_layers = (model->layers / chunks + 1) / 2;
  }

  void read_kernels() {
    job_.plan.fused_kernels = boolean({"compile", "training"}, "enable", boolean({"training"}, "compile", false));
    if (const auto* list = document_["model"]["converters"].as_array())
      for (const auto& converter : *list) {
        const auto called = converter.value_or(std::string());
        if (called.find("mx") != std::string::npos)
          job_.plan.precision = Precision::mxfp8;
        else if (called.find("float8") != std::string::npos)
          job_.plan.precision = Precision::fp8;
      }
    if (boolean({"float8"}, "enable_float8_linear", false)) job_.plan.precision = Precision::fp8;
    read_casts();
  }

  /// torchao's. The other recipe with a scale per row differs from "rowwise" in a product that stays in 16 bits.
  void read_casts() {
    const bool gathers = boolean({"float8"}, "enable_fsdp_float8_all_gather", false);
    const auto recipe = text({"float8"}, "recipe_name", "tensorwise");
    if (job_.plan.precision == Precision::bf16) return;
    const bool per_row = job_.plan.precision == Precision::fp8 && recipe.starts_with("rowwise");
    job_.plan.casts = per_row ? Casts::per_use : Casts::per_operand;
    job_.plan.gather_quantized = gathers && job_.plan.sharding == Sharding::parameters && !per_row;
  }

  /// Keys of the sections that matter which were never asked for.
  void tell_unknown() {
    static const std::set<std::string_view> harmless{"steps",
                                                     "dataset",
                                                     "dataset_path",
                                                     "warmup_steps",
                                                     "max_norm",
                                                     "converters",
                                                     "tokenizer_path",
                                                     "hf_assets_path",
                                                     "norm_type",
                                                     "print_after_conversion",
                                                     "gc_freq",
                                                     "gc_debug",
                                                     "seed",
                                                     "deterministic",
                                                     "selective_ac_option",
                                                     "components",
                                                     "precompute_float8_dynamic_scale_for_fsdp",
                                                     "filter_fqns",
                                                     "disable_loss_parallel",
                                                     "dtype",
                                                     "mixed_precision_param",
                                                     "enable_compiled_autograd"};
    for (const auto& [section, node] : document_) {
      if (sections_without_effect.contains(section.str())) continue;
      const auto* table = node.as_table();
      if (!table) continue;
      for (const auto& [key, value] : *table)
        if (!value.is_table() && !known_.contains(std::string(key.str())) && !harmless.contains(key.str()))
          issues_.warning(where(value), "",
                          fmt::format("{}.{} is unknown here and ignored{}", section.str(), key.str(),
                                      suggestion(key.str(), {known_.begin(), known_.end()})));
    }
  }

  const toml::table& document_;
  const std::string& name_;
  Issues& issues_;
  std::set<std::string> known_;
  std::int64_t local_batch_ = 1;
  ImportedJob job_;
};

}  // namespace

std::optional<ImportedJob> import_torchtitan(std::string_view text, const std::string& name, Issues& issues) {
  toml::table document;
  try {
    document = toml::parse(text, name);
  } catch (const toml::parse_error& wrong) {
    const auto& begin = wrong.source().begin;
    issues.error({name, static_cast<int>(begin.line), static_cast<int>(begin.column)}, "",
                 std::string(wrong.description()));
    return std::nullopt;
  }
  Issues found;
  auto job = Importer(document, name, found).run();
  issues.add_in_order(found);
  return found.has_errors() ? std::nullopt : std::optional(std::move(job));
}

}  // namespace plenum::workload
