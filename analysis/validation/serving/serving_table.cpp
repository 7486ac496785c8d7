#include "analysis/validation/serving/serving_table.hpp"

#include <algorithm>
#include <tuple>

#include "analysis/validation/serving/aiconfigurator.hpp"
#include "analysis/validation/serving/inference_x.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"
#include "analysis/validation/serving/serving_row.hpp"

namespace plenum::analysis {
namespace {

/// InferenceX' number of a configuration: servers started alike.
std::string_view configuration_of(std::string_view source) {
  const auto begin = source.find("config_id=");
  return begin == source.npos ? "" : source.substr(begin, source.find(';', begin) - begin);
}

/// Of the runs of the same servers with prompts and outputs of the same lengths.
std::int64_t highest_concurrency(const CsvTable& table, const RowCells& cells) {
  const auto key = [](const RowCells& row) {
    return std::tuple(configuration_of(row.text("source")), row.text("isl"), row.text("osl"));
  };
  std::int64_t highest = cells.required("concurrency");
  for (const auto& row : table.rows)
    if (const RowCells other(table, row); key(other) == key(cells))
      highest = std::max(highest, other.integer("concurrency").value_or(0));
  return highest;
}

/// Requests that the run's means leave out.
std::int64_t left_out(const RowCells& row, const workload::RequestSpecification& requests) {
  if (requests.barrier_after > 0) return requests.barrier_after;
  return is_inference_x(row) ? 0 : requests.concurrency;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predict_serving(table, row, [](workload::EngineProfile&) {});
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  ValidationRow described;
  described.id = text("id");
  described.judged = cells.text("doubts").empty();
  described.labels = {{"doubts", described.judged ? "none" : "some"},
                      {"part", std::string(serving_part(cells))},
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

Prediction predict_serving(const CsvTable& table, const CsvTable::Row& row,
                           const std::function<void(workload::EngineProfile&)>& adjust) {
  return predicted_or_reason([&] {
    const RowCells cells(table, row);
    const auto bound = bound_or_unsupported(serving_scenario(cells));
    auto& job = bound->serving.front();
    set_server_flags(job, cells);
    if (!is_inference_x(cells)) set_generated_flags(job.engine, cells);
    adjust(job.engine);
    if (const auto batch = decode_batch(cells, highest_concurrency(table, cells)); batch > 0)
      job.engine.max_sequences = batch;
    const auto metrics = simulated_metrics(*bound, left_out(cells, job.requests));
    return prediction_of(metrics,
                         {{"ttft", metrics.time_to_first_token.mean}, {"tpot", metrics.time_per_output_token.mean}});
  });
}

std::string_view serving_part(const RowCells& row) {
  return part_of(std::string(row.text("model_path")).append(row.text("system")).append(row.text("backend")));
}

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
