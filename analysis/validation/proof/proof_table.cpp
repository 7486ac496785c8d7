#include "analysis/validation/proof/proof_table.hpp"

#include "analysis/validation/proof/proof_file.hpp"
#include "analysis/validation/serving/serving_cluster.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"
#include "analysis/validation/training/row_model.hpp"
#include "analysis/validation/training/row_plan.hpp"
#include "analysis/validation/training/training_table.hpp"
#include "sim/datacenter/serving/step_prices.hpp"

namespace plenum::analysis {
namespace {

/// measure.py keeps bf16 weights and gradients, fp32 masters and moments. Eagerly every kernel is launched from Python
/// and nothing is fused.
Prediction predict_training(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  std::string reason;
  auto scenario = scenario_of(table, row, reason);
  if (!scenario) throw Unsupported{reason};
  auto& plan = scenario->jobs.front().training->plan;
  plan.gradient_precision = Precision::bf16;
  plan.fused_kernels = cells.text("mode") != "eager";
  if (cells.text("mode") == "graphs") plan.host_per_kernel = Seconds(0);
  return predict_step(std::move(*scenario));
}

/// A bare loop: an engine's scheduler and sampler are missing, its kernels are not; eagerly Python issues them, as in
/// training.
workload::EngineProfile bare_loop(bool graphs, Seconds host_per_kernel) {
  Issues issues;
  auto engine = workload::find_engine("vllm", issues);
  if (!engine) throw Unsupported{"no engine \"vllm\""};
  engine->step_host = engine->sequence_host = Seconds(0);
  engine->eager_kernel_host = host_per_kernel;
  if (!graphs) engine->graph_sequences = 0;
  return *engine;
}

Prediction predict_decode(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  Issues issues;
  const auto device = calibration::load_device(std::string(cells.text("gpu")), {}, "", issues);
  if (!device) throw Unsupported{"no calibration for GPU \"" + std::string(cells.text("gpu")) + "\""};
  const auto model = model_of(cells);
  workload::ServingPlan plan;
  plan.precision = precision_of(cells);
  const auto cluster = serving_cluster(cells.text("gpu"), 1);
  const Seconds host = plan_of(cells, model, {*device, cluster, 1}).host_per_kernel;
  const auto engine = bare_loop(cells.text("mode") == "graphs", host);
  datacenter::StepPrices prices(model, plan, engine, *device, cluster.node);
  const std::int64_t batch = cells.required("mbs"), context = batch * cells.required("seq_len_tokens");
  const Seconds step = prices.decode_step(batch, context, batch);
  return {.reason = {},
          .footing = std::string(calibration::name_of(prices.footing())),
          .quantities = {{"step_time", step.value()}}};
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    return table.cell(row, "kind") == "training" ? predict_training(table, row) : predict_decode(table, row);
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  for (const char* label : {"kind", "mode", "precision", "model"})
    described.labels[label] = std::string(cells.text(label));
  described.quantities = {{"step_time", "s", measured_cell(cells, "time", 1), {}}};
  return described;
}

}  // namespace

TableKind proof_table() {
  return {.name = "proof",
          .holds = "steps of real models on one GPU (calibration/proof/measure.py)",
          .columns = {"id", "kind", "gpu", "time"},
          .groupings = {"kind", "mode", "precision", "model"},
          .describe = describe,
          .predict = predict,
          .read = read_proof};
}

}  // namespace plenum::analysis
