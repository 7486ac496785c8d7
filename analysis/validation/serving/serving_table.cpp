#include "analysis/validation/serving/serving_table.hpp"

#include "analysis/validation/serving/serving_prediction.hpp"
#include "analysis/validation/serving/serving_row.hpp"

namespace plenum::analysis {
namespace {

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const auto bound = bound_or_unsupported(serving_scenario({table, row}));
    bound->serving.front().engine.receive_interval = receive_interval({table, row});
    const auto warm_up = is_inference_x({table, row}) ? 0 : bound->serving.front().requests.concurrency;
    const auto metrics = simulated_metrics(*bound, warm_up);
    return prediction_of(metrics,
                         {{"ttft", metrics.time_to_first_token.mean}, {"tpot", metrics.time_per_output_token.mean}});
  });
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
  described.quantities = {{"ttft", "s", measured_cell(cells, "silicon_ttft_ms", 1e-3), {}},
                          {"tpot", "s", measured_cell(cells, "silicon_tpot_ms", 1e-3), {}}};
  return described;
}

}  // namespace

TableKind serving_table() {
  return {.name = "serving",
          .holds = "serving runs at a concurrency",
          .columns = {"id", "backend", "model_path", "system", "mode", "isl", "osl", "concurrency", "gemm_quant_mode"},
          .groupings = {"doubts", "part", "system", "engine", "mode", "precision", "model"},
          .measurements = {"silicon_ttft_ms", "silicon_tpot_ms"},
          .coloured_by = "system",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
