#include "analysis/validation/serving/serving_row.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::string engine_of(const RowCells& row) {
  return row.text("backend") == "trtllm" ? "tensorrt-llm" : std::string(row.text("backend"));
}

Precision format_of(std::string_view mode) {
  if (mode.empty()) return Precision::bf16;
  const auto found = std::ranges::find(precision_names, mode);
  if (found == precision_names.end()) throw Unsupported{fmt::format("the number format \"{}\" is not modelled", mode)};
  return static_cast<Precision>(found - precision_names.begin());
}

bool on_hopper(const RowCells& row) { return row.text("system").starts_with("h"); }

/// Checkpoints in FP4 quantize the experts alone where there are any: gpt-oss (MXFP4) and NVIDIA's NVFP4 checkpoints of
/// DeepSeek, Kimi, Qwen and MiniMax leave attention in bf16 (their quantization configurations).
void set_formats(workload::ServingPlan& plan, const RowCells& row, const workload::Transformer& model) {
  plan.precision = format_of(row.text("gemm_quant_mode"));
  plan.expert_precision = format_of(row.text("moe_quant_mode"));
  const bool quantized = bytes_per_element(plan.precision) <= 1;
  if (model.experts && plan.precision == Precision::nvfp4) plan.precision = Precision::bf16;
  // DeepSeek's own FP8 checkpoints and their kin are scaled in blocks whatever the row calls them.
  if (model.experts && plan.precision == Precision::fp8) plan.precision = Precision::fp8_block;
  if (model.experts && plan.expert_precision == Precision::fp8) plan.expert_precision = Precision::fp8_block;
  // InferenceX asks TensorRT-LLM and, on Blackwell, SGLang for an FP8 cache; elsewhere a latent one stays in bf16.
  const bool small_cache = !model.latent_attention || row.text("backend") == "trtllm" ||
                           (row.text("backend") == "sglang" && !on_hopper(row));
  plan.kv_cache = quantized && small_cache ? Precision::fp8 : Precision::bf16;
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
  // Some rows name the GPUs twice, as expert tensor and expert parallel; experts are then spread as far as they can.
  plan.expert_parallel = model.experts ? std::min(degree("moe_ep_size"), plan.stage_gpus()) : 1;
  set_formats(plan, row, model);
  return plan;
}

/// InferenceX (SemiAnalysisAI/InferenceX, benchmark_serving): lengths uniform from 80 % on, ten prompts per request in
/// flight. The other runs have fixed lengths and leave their warm-up out.
workload::RequestSpecification requests_of(const RowCells& row) {
  workload::RequestSpecification requests;
  requests.concurrency = row.required("concurrency");
  requests.count = 10 * requests.concurrency;
  const bool uniform = is_inference_x(row);
  const auto lengths = [&](std::int64_t tokens) {
    workload::LengthSpecification length{.tokens = tokens};
    if (!uniform) return length;
    length.kind = workload::LengthKind::uniform;
    length.minimum = std::max<std::int64_t>(1, tokens * 4 / 5);
    return length;
  };
  requests.prompt = lengths(row.required("isl"));
  requests.output = lengths(row.required("osl"));
  return requests;
}

/// The servers' flags in InferenceX's benchmark scripts: SGLang hands over 30 tokens at a time on Blackwell and 10 on
/// Hopper and reads up to 32,768 tokens in a pass, TensorRT-LLM hands over 10; vLLM runs with its defaults.
void set_server_flags(scenario::ServingJob& job, const RowCells& row) {
  if (!is_inference_x(row) || row.text("backend") == "vllm") return;
  const bool sglang = row.text("backend") == "sglang";
  job.stream_interval = sglang && !on_hopper(row) ? 30 : 10;
  if (sglang) job.token_budget = 32768;
}

scenario::ServingJob job_of(const RowCells& row) {
  scenario::ServingJob job;
  set_server_flags(job, row);
  job.model = model_of(row);
  job.engine = engine_of(row);
  job.requests = requests_of(row);
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

bool is_inference_x(const RowCells& row) {
  return row.mentions("source", "db-dump") || row.mentions("source", "source_file=");
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
