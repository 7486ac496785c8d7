#include "analysis/validation/serving/throughput_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/validation/serving/benchmark_row.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"

namespace plenum::analysis {
namespace {

/// The number of requests that the page lists for its lengths; it depends on the output more than on the prompt.
struct Requests {
  std::int64_t prompt, output, count;
};
constexpr std::array listed{Requests{128, 128, 30000},  Requests{128, 2048, 3000}, Requests{500, 2000, 3000},
                            Requests{1000, 1000, 3000}, Requests{2048, 128, 3000}, Requests{20000, 2000, 1000}};
constexpr std::int64_t others = 1500;

workload::RequestSpecification requests_of(const RowCells& row) {
  workload::RequestSpecification requests;
  requests.arrivals = workload::ArrivalKind::at_once;
  requests.prompt.tokens = row.required("isl");
  requests.output.tokens = row.required("osl");
  const auto found = std::ranges::find_if(listed, [&](const Requests& r) {
    return r.prompt == requests.prompt.tokens && r.output == requests.output.tokens;
  });
  requests.count = found == listed.end() ? others : found->count;
  return requests;
}

/// trtllm-bench sizes the engine for the lengths (tensorrt_llm/bench/build/tuning.py): as many sequences as the KV
/// cache holds, up to 4096, and the tokens that keep them coming, up to 32,768.
void size_engine(scenario::BoundServing& job) {
  const double prompt = double(job.requests.prompt.tokens), output = double(job.requests.output.tokens);
  const double held = std::floor(double(job.pool.kv_tokens) / (prompt + output));
  const double sequences = std::clamp(held, 1.0, 4096.0);
  job.engine.max_sequences = static_cast<std::int64_t>(sequences);
  const double tokens = std::min(sequences * (1 + prompt / output), 32768.0);
  job.engine.token_budget = static_cast<std::int64_t>(2048 * std::ceil(std::max(tokens, prompt) / 2048));
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const RowCells cells(table, row);
    const auto bound = bound_or_unsupported(benchmark_scenario(cells, requests_of(cells)));
    size_engine(bound->serving.front());
    const auto metrics = simulated_metrics(*bound);
    return prediction_of(metrics, {{"throughput", metrics.output_tokens_per_second}});
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto text = [&](std::string_view column) { return std::string(cells.text(column)); };
  ValidationRow described;
  described.id = text("id");
  described.labels = {{"part", std::string(part_of(text("model") + text("gpu")))},
                      {"gpu", text("gpu")},
                      {"version", text("trtllm_version")},
                      {"precision", text("precision")},
                      {"gpus", fmt::format("tp {} pp {}", text("tp"), text("pp"))},
                      {"lengths", text("isl") + " / " + text("osl")},
                      {"model", text("model")}};
  described.quantities = {{"throughput", "tokens/s", measured_cell(cells, "value", 1), {}}};
  return described;
}

}  // namespace

TableKind serving_throughput_table() {
  return {.name = "serving-throughput",
          .holds = "offline throughput of a model",
          .columns = {"id", "model", "gpu", "precision", "tp", "pp", "isl", "osl", "value"},
          .groupings = {"part", "gpu", "version", "precision", "gpus", "lengths", "model"},
          .measurements = {"value"},
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
