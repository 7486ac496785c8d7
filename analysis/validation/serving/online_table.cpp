#include "analysis/validation/serving/online_table.hpp"

#include "analysis/validation/serving/benchmark_row.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"

namespace plenum::analysis {
namespace {

constexpr std::int64_t requests_sent = 500;  // as the page says of each run

/// The page's prompts of 467 tokens are the lines of a poem, all alike (vLLM's benchmark_serving, "sonnet"); the others
/// are conversations (ShareGPT, prompts of at most 1024 tokens), whose lengths vary as widely as their mean.
bool are_conversations(std::int64_t prompt) { return prompt < 256; }

workload::RequestSpecification requests_of(const RowCells& row) {
  workload::RequestSpecification requests;
  requests.count = requests_sent;
  requests.prompt.tokens = row.required("isl");
  requests.output.tokens = row.required("osl");
  if (are_conversations(requests.prompt.tokens)) {
    requests.prompt.kind = requests.output.kind = workload::LengthKind::log_normal;
    requests.prompt.maximum = requests.output.maximum = 1024;
  }
  if (row.mentions("qps", "inf"))
    requests.arrivals = workload::ArrivalKind::at_once;
  else
    requests.per_second = row.number("qps").value_or(0);
  if (requests.per_second <= 0 && requests.arrivals != workload::ArrivalKind::at_once)
    throw Unsupported{"the table states no request rate"};
  return requests;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const RowCells cells(table, row);
    const auto metrics = simulated_metrics(*bound_or_unsupported(benchmark_scenario(cells, requests_of(cells))));
    return prediction_of(metrics, {{"itl", metrics.inter_token.mean},
                                   {"ttft", metrics.time_to_first_token.mean},
                                   {"throughput", metrics.output_tokens_per_second}});
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  ValidationRow described;
  described.id = text("id");
  described.labels = {{"model", text("model") + " on " + text("gpu")},
                      {"lengths", text("isl") + " / " + text("osl")},
                      {"rate", text("qps")}};
  described.quantities = {{"itl", "s", measured_cell(cells, "mean_itl_ms", 1e-3), {}},
                          {"ttft", "s", measured_cell(cells, "mean_ttft_ms", 1e-3), {}},
                          {"throughput", "tokens/s", measured_cell(cells, "output_tok_s", 1), {}}};
  return described;
}

}  // namespace

TableKind serving_online_table() {
  return {.name = "serving-online",
          .holds = "serving runs at a request rate",
          .columns = {"id", "model", "gpu", "precision", "tp", "isl", "osl", "qps"},
          .groupings = {"model", "lengths", "rate"},
          .measurements = {"mean_itl_ms", "mean_ttft_ms", "output_tok_s"},
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
