#include "analysis/validation/serving/serving_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "analysis/validation/serving/aiconfigurator.hpp"
#include "analysis/validation/serving/inference_x.hpp"
#include "analysis/validation/serving/serving_cluster.hpp"

namespace plenum::analysis {
namespace {

constexpr std::int64_t longest_context = std::int64_t{1} << 20;  // servers were started for the lengths they were asked

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  auto model = workload::find_model(std::string(row.text("model_path")), issues);
  if (!model) throw Unsupported{fmt::format("the model \"{}\" is not in the catalogue", row.text("model_path"))};
  model->context = longest_context;
  return *model;
}

Precision format_of(std::string_view mode) {
  if (mode.empty()) return Precision::bf16;
  const auto found = std::ranges::find(precision_names, mode);
  if (found == precision_names.end()) throw Unsupported{fmt::format("the number format \"{}\" is not modelled", mode)};
  return static_cast<Precision>(found - precision_names.begin());
}

/// Checkpoints in FP4 quantize the experts alone where there are any: gpt-oss (MXFP4) and NVIDIA's NVFP4 checkpoints of
/// DeepSeek, Kimi, Qwen and MiniMax leave attention in bf16 (their quantization configurations).
void set_formats(workload::ServingPlan& plan, const RowCells& row, const workload::Transformer& model) {
  plan.precision = format_of(row.text("gemm_quant_mode"));
  plan.expert_precision = format_of(row.text("moe_quant_mode"));
  const bool quantized = bytes_per_element(plan.precision) <= 1;
  if (model.experts && plan.precision == Precision::nvfp4) {
    if (!quantizes_attention_output(row, model)) plan.precision = Precision::bf16;
    plan.attention_inputs = attention_inputs(row);
  }
  if (is_gpt_oss(model) && plan.expert_precision == Precision::nvfp4) plan.expert_precision = Precision::mxfp4;
  // DeepSeek's own FP8 checkpoints and their kin are scaled in blocks whatever the row calls them.
  if (model.experts && plan.precision == Precision::fp8) plan.precision = Precision::fp8_block;
  if (model.experts && plan.expert_precision == Precision::fp8) plan.expert_precision = Precision::fp8_block;
  // InferenceX asks TensorRT-LLM and, on Blackwell, SGLang for an FP8 cache; elsewhere a latent one stays in bf16.
  const bool small_cache = !model.latent_attention || row.text("backend") == "trtllm" ||
                           (row.text("backend") == "sglang" && !on_hopper(row));
  if (states_in_bf16(row, model)) plan.state = Precision::bf16;
  plan.kv_cache = quantized && small_cache && !cache_as_checkpoint(row, model) ? Precision::fp8 : Precision::bf16;
}

/// Columns of one pool: "", "prefill_" or "decode_" before each name.
workload::ServingPlan plan_of(const RowCells& row, const std::string& prefix, const workload::Transformer& model) {
  const auto degree = [&](const char* name) {
    return std::max<std::int64_t>(1, row.integer(prefix + name).value_or(1));
  };
  workload::ServingPlan plan;
  plan.tensor_parallel = degree("tp_size");
  plan.pipeline_parallel = degree("pp_size");
  plan.attention_data_parallel = degree("attention_dp_size");
  // Where both are equal the row counts all GPUs of the replica twice: TP n with data-parallel attention is n GPUs.
  if (prefix.empty() && plan.attention_data_parallel == plan.tensor_parallel) plan.tensor_parallel = 1;
  // Where the row leaves the ranks out: attention and experts are on the same GPUs.
  const std::int64_t split = degree("moe_tp_size"), over = degree("moe_ep_size");
  const std::int64_t gpus_of_experts = split == over ? over : split * over;  // named twice
  if (model.experts && row.text(prefix + "attention_dp_size").empty())
    plan.attention_data_parallel = std::max<std::int64_t>(1, gpus_of_experts / plan.tensor_parallel);
  // Some rows name the GPUs twice, as expert tensor and expert parallel; experts are then spread as far as they can.
  const auto known = experts_spread_over(row, prefix, plan.attention_data_parallel);
  plan.expert_parallel = model.experts ? std::min(known > 0 ? known : degree("moe_ep_size"), plan.stage_gpus()) : 1;
  set_chosen_by_scripts(plan, row, prefix, model);
  set_formats(plan, row, model);
  return plan;
}

workload::LengthSpecification between(double least, double most) {
  return {.kind = workload::LengthKind::uniform,
          .tokens = std::llround(most),
          .minimum = std::llround(std::max(1.0, least))};
}

/// InferenceX (benchmark_serving): lengths uniform from 80 % on, ten prompts per request in flight.
workload::RequestSpecification inference_x_requests(const RowCells& row, const workload::Transformer& model) {
  workload::RequestSpecification requests;
  requests.concurrency = row.required("concurrency");
  requests.count = 10 * requests.concurrency;
  const double prompt = tokens_read(row, model) * double(row.required("isl"));
  const auto output = double(row.required("osl"));
  requests.prompt = between(0.8 * prompt, prompt);
  requests.output = between(0.8 * output, output);
  return requests;
}

/// 19 for "0.19.0"; 0 where no number is stated: the months of 0.10 and 0.11, and nightly builds before 0.19.
int minor_version(std::string_view version) {
  if (version.starts_with("v")) version.remove_prefix(1);
  int major = 0, minor = 0;
  const auto [end, failed] = std::from_chars(version.data(), version.data() + version.size(), major);
  if (failed != std::errc{} || end == version.data() + version.size() || *end != '.') return 0;
  std::from_chars(end + 1, version.data() + version.size(), minor);
  return 1000 * major + minor;
}

/// The first version that fuses norms by default came later to B300 (engines.json); 0.17 and 0.18 there would not fill
/// attention ranks up, but no row has any.
std::string vllm_engine(const RowCells& row) {
  const int version = minor_version(row.text("backend_version"));
  if (version == 12) return "vllm-0.12";
  if (version == 16) return "vllm-0.16";
  const bool b300 = row.text("system").starts_with("b300") || row.text("system").starts_with("gb300");
  return version < (b300 ? 19 : 17) ? "vllm-0.11" : "vllm";
}

scenario::ServingJob job_of(const RowCells& row) {
  scenario::ServingJob job;
  job.model = model_of(row);
  set_server_flags(job, row);
  job.engine = serving_engine(row);
  job.requests = is_inference_x(row) ? inference_x_requests(row, *job.model) : aiconfigurator_requests(row);
  job.replicas = 1;
  if (row.text("mode") != "disagg") {
    job.plan = plan_of(row, "", *job.model);
    return job;
  }
  job.plan = plan_of(row, "decode_", *job.model);
  job.replicas = row.required("decode_num_workers");
  job.prefill = scenario::PrefillPool{plan_of(row, "prefill_", *job.model), row.required("prefill_num_workers")};
  return job;
}

}  // namespace

std::string serving_engine(const RowCells& row) {
  const auto version = row.text("backend_version");
  if (row.text("backend") == "vllm") return vllm_engine(row);
  if (row.text("backend") != "trtllm") return std::string(row.text("backend"));
  if (!tensorrt_llm_of_2025(row)) return "tensorrt-llm";
  if (!on_hopper(row)) return "tensorrt-llm-1.1-blackwell";
  return version.starts_with("1.0") ? "tensorrt-llm-1.0" : "tensorrt-llm-1.1";
}

scenario::Scenario serving_scenario(const RowCells& row) {
  scenario::Scenario scenario;
  scenario.name = row.text("id");
  auto job = job_of(row);
  const std::int64_t gpus =
      job.replicas * job.plan.gpus() + (job.prefill ? job.prefill->replicas * job.prefill->plan.gpus() : 0);
  scenario.cluster = serving_cluster(row.text("system"), gpus);
  scenario.jobs.emplace_back().serving = std::move(job);
  return scenario;
}

}  // namespace plenum::analysis
