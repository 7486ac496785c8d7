#include "analysis/validation/serving/serving_table.hpp"

#include "analysis/serving_metrics.hpp"
#include "analysis/validation/serving/serving_row.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

Prediction unsupported(const std::string& reason) { return {.reason = reason, .footing = {}, .quantities = {}}; }

std::string first_error(const Issues& issues) {
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::error)
      return issue.pointer.empty() ? issue.message : issue.pointer + ": " + issue.message;
  return "the scenario was refused";
}

/// `warm_up`: requests at the start that don't count.
Prediction measured(const scenario::Bound& bound, std::int64_t warm_up) {
  auto result = datacenter::simulate(bound, {});
  auto& requests = result.serving.front().requests;
  requests.erase(requests.begin(), requests.begin() + warm_up);
  const auto metrics = measure(bound, bound.serving.front(), result.serving.front());
  if (metrics.refused > 0) return unsupported("a request is longer than the KV cache");
  return {.reason = {},
          .footing = std::string(calibration::name_of(metrics.footing)),
          .quantities = {{"ttft", metrics.time_to_first_token.mean}, {"tpot", metrics.time_per_output_token.mean}}};
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  try {
    Issues issues;
    const auto bound = scenario::bind({.scenario = serving_scenario({table, row}), .source = {}, .digest = {}}, issues);
    if (!bound) return unsupported(first_error(issues));
    return measured(*bound, is_inference_x({table, row}) ? 0 : bound->serving.front().requests.concurrency);
  } catch (const Unsupported& reason) {
    return unsupported(reason.reason);
  } catch (const datacenter::SimulationFailed& failure) {
    return unsupported(std::string("the simulation failed: ") + failure.what());
  }
}

std::optional<double> seconds(const RowCells& row, std::string_view column) {
  try {
    const auto milliseconds = row.number(column);
    return milliseconds ? std::optional(*milliseconds / 1e3) : std::nullopt;
  } catch (const Unsupported&) {
    return std::nullopt;
  }
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  ValidationRow described;
  described.id = text("id");
  described.judged = cells.text("doubts").empty();
  described.labels = {{"doubts", described.judged ? "none" : "some"},
                      {"part", std::string(part_of(text("model_path") + text("system") + text("backend")))},
                      {"system", text("system")},
                      {"engine", text("backend")},
                      {"mode", text("mode")},
                      {"precision", text("precision")},
                      {"model", text("model_path")}};
  if (!described.judged)
    for (auto& [grouping, label] : described.labels)
      if (grouping != "doubts") label = "(with doubts)";
  described.quantities = {{"ttft", "s", seconds(cells, "silicon_ttft_ms"), {}},
                          {"tpot", "s", seconds(cells, "silicon_tpot_ms"), {}}};
  return described;
}

}  // namespace

TableKind serving_table() {
  return {.name = "serving",
          .holds = "serving runs at a concurrency",
          .columns = {"id", "backend", "model_path", "system", "mode", "isl", "osl", "concurrency", "gemm_quant_mode"},
          .groupings = {"doubts", "part", "system", "engine", "mode", "precision", "model"},
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
