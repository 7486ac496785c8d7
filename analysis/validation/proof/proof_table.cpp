#include "analysis/validation/proof/proof_table.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "analysis/validation/proof/proof_file.hpp"
#include "analysis/validation/serving/serving_cluster.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"
#include "analysis/validation/training/row_model.hpp"
#include "analysis/validation/training/row_plan.hpp"
#include "analysis/validation/training/training_table.hpp"
#include "sim/datacenter/serving/step_prices.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::analysis {
namespace {

/// Elementwise kernels per layer that PyTorch 2.11 launches for measure.py's layer, from a profile: one by one, when
/// the layer is compiled, and for the casts of its four FP8 products (which cast_with_product() holds once they are
/// fused).
constexpr std::int64_t separate_kernels = 44, fused_kernels = 7, separate_casts = 36;

/// What Python needs for a step, from models of 8 and 24 layers that are too narrow to keep the card busy.
struct HostTime {
  Seconds layer{}, rest{};
  Seconds of(std::int64_t layers) const { return static_cast<double>(layers) * layer + rest; }
};

constexpr std::string_view narrow = "narrow-";

std::optional<HostTime> host_time(const CsvTable& table, const RowCells& like) {
  std::map<double, double> seconds;  // by layers
  for (const auto& row : table.rows) {
    const RowCells cells(table, row);
    if (cells.text("model").starts_with(narrow) && cells.text("kind") == like.text("kind") &&
        cells.text("precision") == like.text("precision"))
      seconds[double(cells.required("layers"))] = *measured_cell(cells, "time", 1);
  }
  if (seconds.size() != 2) return std::nullopt;
  const auto [few, short_time] = *seconds.begin();
  const auto [many, long_time] = *seconds.rbegin();
  const double layer = (long_time - short_time) / (many - few);
  return HostTime{Seconds(layer), Seconds(short_time - few * layer)};
}

/// Eagerly the card waits for Python when that takes longer.
Seconds eager_step(Seconds on_device, const std::optional<HostTime>& host, std::int64_t layers) {
  return host ? std::max(on_device, host->of(layers)) : on_device;
}

calibration::Device device_of(const RowCells& cells) {
  Issues issues;
  auto device = calibration::load_device(std::string(cells.text("gpu")), {}, "", issues);
  if (!device) throw Unsupported{"no calibration for GPU \"" + std::string(cells.text("gpu")) + "\""};
  return std::move(*device);
}

/// One card works alone, so that any node of its generation will do.
std::string_view stand_in(const calibration::Device& device) {
  const auto& architecture = device.specification.architecture;
  return architecture == "blackwell" ? "B200-SXM" : architecture == "ampere" ? "A100-80GB-SXM" : "H100-SXM";
}

std::optional<scenario::Scenario> scenario_on(const calibration::Device& device, const CsvTable& table,
                                              CsvTable::Row row, std::string& reason) {
  const auto gpu = std::ranges::find(table.columns, "gpu") - table.columns.begin();
  row.cells[static_cast<std::size_t>(gpu)] = stand_in(device);
  auto scenario = scenario_of(table, row, reason);
  if (scenario) scenario->cluster.gpu = device.name;
  return scenario;
}

/// What measure.py's loop does around Adam: gradients to fp32 (r2 w4), and weights to bf16 (r4 w2), of which the plan's
/// clearing of gradients (w2), which the loop does without, stands for a third.
Seconds around_optimizer(std::int64_t parameters, const calibration::Device& device) {
  return device.memory_bound(Bytes(6 * parameters), MemoryKernel::gradient_cast, false).time +
         device.memory_bound(Bytes(4 * parameters)).time;
}

/// measure.py keeps bf16 weights and gradients, fp32 masters and moments, and each product casts its operands. Eagerly
/// nothing is fused but norms, which are one kernel as layer norms are.
Prediction predict_training(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto device = device_of(cells);
  std::string reason;
  auto scenario = scenario_on(device, table, row, reason);
  if (!scenario) throw Unsupported{reason};
  auto& plan = scenario->jobs.front().training->plan;
  plan.gradient_precision = Precision::bf16;
  const bool eager = cells.text("mode") == "eager";
  const auto host = eager ? host_time(table, cells) : std::nullopt;
  plan.fused_kernels = plan.compiled_loss = !eager;
  plan.clip_gradients = false;
  if (eager) scenario->jobs.front().training->model->norm = workload::Norm::layer_norm;
  if (workload::is_quantized(plan.precision)) plan.casts = workload::Casts::per_use;
  if (host) plan.host_per_kernel = Seconds(0);
  const Seconds loop = around_optimizer(scenario->jobs.front().training->model->parameters(), device);
  auto prediction = predict_step(std::move(*scenario));
  if (const auto step = prediction.quantities.find("step_time"); step != prediction.quantities.end())
    step->second = eager_step(Seconds(step->second) + loop, host, cells.required("layers")).value();
  return prediction;
}

/// A bare loop of CUDA graphs: an engine's scheduler, sampler and kernels of its own are missing.
workload::EngineProfile bare_loop() {
  Issues issues;
  auto engine = workload::find_engine("vllm", issues);
  if (!engine) throw Unsupported{"no engine \"vllm\""};
  engine->framework = "";
  engine->step_host = engine->sequence_host = Seconds(0);
  engine->graph_sequences = std::numeric_limits<std::int64_t>::max();
  return *engine;
}

/// What kernels that nothing fuses add to a step: each costs what the shortest kernel does.
Seconds separate(const RowCells& cells, const calibration::Device& device) {
  const std::int64_t casts = precision_of(cells) == Precision::fp8 ? separate_casts : 0;
  const std::int64_t kernels = cells.required("layers") * (separate_kernels - fused_kernels + casts);
  const Bytes stream(2 * 2 * cells.required("mbs") * cells.required("hidden"));
  return static_cast<double>(kernels) * device.memory_bound(stream).time;
}

Prediction predict_decode(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto device = device_of(cells);
  workload::ServingPlan plan;
  plan.precision = precision_of(cells);
  const auto engine = bare_loop();
  const auto node = serving_cluster(stand_in(device), 1).node;
  datacenter::StepPrices prices(model_of(cells), plan, engine, device, node);
  const std::int64_t batch = cells.required("mbs"), context = batch * cells.required("seq_len_tokens");
  Seconds step = prices.decode_step(batch, context, batch);
  if (cells.text("mode") != "compiled") step = step + separate(cells, device);
  if (cells.text("mode") == "eager") step = eager_step(step, host_time(table, cells), cells.required("layers"));
  return {.reason = {},
          .footing = std::string(calibration::name_of(prices.footing())),
          .quantities = {{"step_time", step.value()}}};
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    if (table.cell(row, "model").starts_with(narrow))
      throw Unsupported{"too narrow for the card: it tells what the host takes"};
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
