#include "analysis/validation/serving/benchmark_row.hpp"

#include <fmt/format.h>

#include "analysis/validation/serving/serving_cluster.hpp"

namespace plenum::analysis {
namespace {

constexpr std::int64_t longest_context = std::int64_t{1} << 20;  // engines were built for the lengths they were asked

Precision format_of(const RowCells& row) {
  if (row.mentions("precision", "fp4")) return Precision::nvfp4;
  if (row.mentions("precision", "fp8")) return Precision::fp8;
  if (row.mentions("precision", "16")) return Precision::bf16;
  throw Unsupported{fmt::format("the number format \"{}\" is not modelled", row.text("precision"))};
}

std::string engine_of(const RowCells& row) {
  if (row.text("trtllm_version").starts_with("0.14")) return "tensorrt-llm-0.14";
  if (is_compiled(row)) return "tensorrt-llm-compiled";
  const bool blackwell = row.mentions("gpu", "b200") || row.mentions("gpu", "6000");
  return blackwell ? "tensorrt-llm-1.1-blackwell" : "tensorrt-llm-1.1";
}

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  auto model = workload::find_model(std::string(row.text("model")), issues);
  if (!model) throw Unsupported{fmt::format("the model \"{}\" is not in the catalogue", row.text("model"))};
  model->context = longest_context;
  return *model;
}

/// NVIDIA's quantized checkpoints state an FP8 cache. Experts were split like other matrices until 1.0, whose page sets
/// enable_attention_dp and --ep for models with experts: what it calls tensor parallel are attention ranks then.
workload::ServingPlan plan_of(const RowCells& row, const workload::Transformer& model) {
  workload::ServingPlan plan;
  const std::int64_t ranks = row.integer("tp").value_or(1);
  const bool spread = model.experts && row.text("trtllm_version").starts_with("1.");
  (spread ? plan.attention_data_parallel : plan.tensor_parallel) = ranks;
  if (spread) plan.expert_parallel = ranks;
  plan.pipeline_parallel = row.integer("pp").value_or(1);
  plan.precision = plan.expert_precision = format_of(row);
  plan.kv_cache = bytes_per_element(plan.precision) <= 1 ? Precision::fp8 : Precision::bf16;
  return plan;
}

}  // namespace

bool is_compiled(const RowCells& row) { return row.text("trtllm_version").starts_with("0.1"); }

scenario::Scenario benchmark_scenario(const RowCells& row, workload::RequestSpecification requests) {
  scenario::ServingJob job;
  job.model = model_of(row);
  job.engine = engine_of(row);
  job.plan = plan_of(row, *job.model);
  job.replicas = 1;
  job.requests = std::move(requests);
  scenario::Scenario scenario;
  scenario.name = row.text("id");
  scenario.cluster = serving_cluster(row.text("gpu"), job.plan.gpus());
  scenario.jobs.emplace_back().serving = std::move(job);
  return scenario;
}

}  // namespace plenum::analysis
