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

/// Until 0.19 the benchmarks ran compiled engines under the C++ runtime, since then models in PyTorch.
std::string engine_of(const RowCells& row) {
  return row.text("trtllm_version").starts_with("0.1") ? "tensorrt-llm-compiled" : "tensorrt-llm-1.0";
}

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  auto model = workload::find_model(std::string(row.text("model")), issues);
  if (!model) throw Unsupported{fmt::format("the model \"{}\" is not in the catalogue", row.text("model"))};
  model->context = longest_context;
  return *model;
}

/// NVIDIA's quantized checkpoints state an FP8 cache; experts are split like other matrices.
workload::ServingPlan plan_of(const RowCells& row) {
  workload::ServingPlan plan;
  plan.tensor_parallel = row.integer("tp").value_or(1);
  plan.pipeline_parallel = row.integer("pp").value_or(1);
  plan.precision = plan.expert_precision = format_of(row);
  plan.kv_cache = bytes_per_element(plan.precision) <= 1 ? Precision::fp8 : Precision::bf16;
  return plan;
}

}  // namespace

scenario::Scenario benchmark_scenario(const RowCells& row, workload::RequestSpecification requests) {
  scenario::ServingJob job;
  job.model = model_of(row);
  job.engine = engine_of(row);
  job.plan = plan_of(row);
  job.replicas = 1;
  job.requests = std::move(requests);
  scenario::Scenario scenario;
  scenario.name = row.text("id");
  scenario.cluster = serving_cluster(row.text("gpu"), job.plan.gpus());
  scenario.jobs.emplace_back().serving = std::move(job);
  return scenario;
}

}  // namespace plenum::analysis
