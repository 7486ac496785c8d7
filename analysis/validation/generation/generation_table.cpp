#include "analysis/validation/generation/generation_table.hpp"

#include <fmt/format.h>

#include "analysis/validation/row_prediction.hpp"
#include "analysis/validation/training/software_generation.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

/// Fields of a name; throws Unsupported for another one.
template <class Enum>
Enum named(const RowCells& row, std::string_view column, Enum otherwise) {
  const auto written = row.text(column);
  if (written.empty()) return otherwise;
  const auto names = workload::names_of(otherwise);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == written) return static_cast<Enum>(i);
  throw Unsupported{fmt::format("{} \"{}\" is unknown", column, written)};
}

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  const std::string name(row.text("model"));
  auto model = workload::find_model(name, issues);
  if (!model || !model->diffusion) throw Unsupported{fmt::format("no diffusion model \"{}\" in the catalogue", name)};
  model->diffusion->width = row.required("width");
  model->diffusion->height = row.required("height");
  model->diffusion->frames = row.required("frames");
  return *model;
}

workload::GenerationPlan plan_of(const RowCells& row) {
  workload::GenerationPlan plan;
  plan.steps = row.required("steps");
  plan.guidance = named(row, "guidance", plan.guidance);
  plan.method = named(row, "method", plan.method);
  plan.attention_kernel = named(row, "attention_kernel", plan.attention_kernel);
  plan.fused_kernels = row.text("kernels") == "compiled";
  if (!plan.fused_kernels) plan.host_per_kernel = modern_host;
  plan.sequence_parallel = row.required("n_gpus") / (plan.guidance == workload::Guidance::parallel ? 2 : 1);
  return plan;
}

scenario::Scenario scenario_of(const RowCells& row) {
  scenario::Scenario scenario;
  scenario.cluster = preset_cluster_of(row);
  auto& job = scenario.jobs.emplace_back().generation.emplace();
  job.model = model_of(row);
  job.plan = plan_of(row);
  job.replicas = 1;
  job.requests.arrivals.count = 1;
  job.requests.arrivals.arrivals = workload::ArrivalKind::at_once;
  return scenario;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&]() -> Prediction {
    const auto bound = bound_or_unsupported(scenario_of(RowCells(table, row)));
    const auto made = datacenter::simulate(*bound, {}).generation.front();
    return {.reason = {},
            .footing = std::string(calibration::name_of(made.footing)),
            .quantities = {{"latency", made.end.value()}}};
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  described.labels = {{"model", std::string(cells.text("model"))},
                      {"gpu", std::string(cells.text("gpu"))},
                      {"kernels", std::string(cells.text("kernels"))},
                      {"gpus", std::string(cells.text("n_gpus"))}};
  described.quantities = {{"latency", "s", cells.number("latency_s"), {}}};
  return described;
}

}  // namespace

TableKind generation_table() {
  return {.name = "generation",
          .holds = "times of making an image or a video",
          .columns = {"id", "model", "gpu", "n_gpus", "width", "height", "frames", "steps", "guidance", "method",
                      "attention_kernel", "kernels", "latency_s"},
          .groupings = {"model", "gpu", "kernels", "gpus"},
          .measurements = {"latency_s"},
          .coloured_by = "model",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
