#include "analysis/validation/training/memory_table.hpp"

#include <fmt/format.h>

#include "analysis/preset_cluster.hpp"
#include "analysis/validation/row_prediction.hpp"
#include "analysis/validation/training/software_generation.hpp"
#include "analysis/validation/training/training_table.hpp"
#include "workloads/training/memory.hpp"

namespace plenum::analysis {
namespace {

constexpr double gibibyte = 1 << 30;

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  const std::string name(row.text("model"));
  auto model = workload::find_model(name, issues);
  if (!model) throw Unsupported{fmt::format("model \"{}\" is not in the catalogue", name)};
  model->layers = row.required("layers_kept");
  model->predicted_ahead = 0;
  return *model;
}

/// Megatron-LM as its command line starts it: nothing overlaps unless asked to.
workload::TrainingPlan plan_of(const RowCells& row, bool mixture) {
  workload::TrainingPlan plan;
  plan.tensor_parallel = row.required("tp");
  plan.pipeline_parallel = row.required("pp");
  plan.data_parallel = row.required("dp");
  plan.expert_parallel = row.required("ep");
  plan.context_parallel = row.required("cp");
  plan.micro_batch = row.required("micro_batch_size");
  plan.global_batch = row.required("micro_batches") * plan.micro_batch * plan.data_parallel;
  plan.sequence_length = row.required("seq_len_tokens");
  plan.recompute = workload::Recompute::none;
  plan.overlap_data = false;
  plan.host_per_kernel = mixture ? mixture_host : modern_host;
  if (mixture) plan.expert_kernels = workload::ExpertKernels::separate;
  return plan;
}

scenario::Scenario scenario_of(const RowCells& row) {
  scenario::Scenario scenario;
  Issues issues;
  const auto cluster = preset_cluster(fmt::format("DGX-{}", row.text("gpu")), row.required("n_gpus"), issues);
  if (!cluster) throw Unsupported{fmt::format("no cluster of GPU \"{}\"", row.text("gpu"))};
  scenario.cluster = *cluster;
  auto& job = scenario.jobs.emplace_back();
  job.name = "training";
  auto& training = job.training.emplace();
  training.model = model_of(row);
  training.plan = plan_of(row, training.model->experts.has_value());
  training.gpus = row.required("n_gpus");
  return scenario;
}

/// Of the fullest stage, as the table tells it: allocated, not reserved.
double peak_gibibytes(const scenario::TrainingJob& job) {
  Bytes peak;
  for (const auto& stage : workload::peak_memory(*job.model, job.plan)) peak = std::max(peak, stage.tensors());
  return static_cast<double>(peak.value()) / gibibyte;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const auto scenario = scenario_of(RowCells(table, row));
    auto prediction = predict_step(scenario);
    if (prediction.reason.empty()) prediction.quantities["memory"] = peak_gibibytes(*scenario.jobs.front().training);
    return prediction;
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  described.labels = {{"model", std::string(cells.text("model"))}, {"gpu", std::string(cells.text("gpu"))}};
  described.quantities = {{"step_time", "s", cells.number("iter_time_s"), {}},
                          {"memory", "GiB", cells.number("peak_allocated_GiB"), {}}};
  return described;
}

}  // namespace

TableKind memory_table() {
  return {.name = "training-memory",
          .holds = "training steps and their peak memory",
          .columns = {"id", "model", "gpu", "n_gpus", "tp", "pp", "dp", "micro_batches", "iter_time_s"},
          .groupings = {"model", "gpu"},
          .measurements = {"iter_time_s", "peak_allocated_GiB"},
          .coloured_by = "model",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
