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

/// Up to the next multiple of the first step whose limit is above the value, at least `least`.
struct Rounding {
  double below;
  std::int64_t step;
};
std::int64_t rounded_up(double value, std::int64_t least, const std::array<Rounding, 3>& roundings) {
  const auto& rounding = *std::ranges::find_if(roundings, [&](const Rounding& r) { return value < r.below; });
  return std::max(least, rounding.step * static_cast<std::int64_t>(std::ceil(value / double(rounding.step))));
}

constexpr double kv_fraction = 0.95;  // --kv_cache_free_gpu_mem_fraction of the page
constexpr double any = INFINITY;

/// Sequences that the KV cache is estimated to hold before the model is loaded: all GPUs as one, a KV head on each at
/// least, and each stored number of the checkpoint (two of FP4 are stored as one) at the bytes of its format.
double estimated_sequences(const scenario::Bound& bound, double length) {
  const auto& job = bound.serving.front();
  const auto& model = job.model;
  const auto& plan = job.pool.plan;
  const std::int64_t ranks = plan.stage_gpus();
  const double element = bytes_per_element(plan.precision), stored = element < 1 ? element * element : element;
  const auto kv_heads = static_cast<double>(std::max(ranks, model.kv_heads));
  const double token = 2.0 * double(model.layers * model.head_dim) * kv_heads * bytes_per_element(plan.kv_cache);
  const double memory = double(plan.gpus()) * double(bound.device.specification.memory.value());
  return kv_fraction * (memory - stored * double(model.parameters())) / (token * length);
}

/// trtllm-bench sizes the engine for the lengths (tensorrt_llm/bench/build/tuning.py): as many sequences as the KV
/// cache may hold, up to 4096, and the tokens that keep them coming, up to 32,768. Stages take turns with batches of
/// their own. Decodes are captured as graphs of the sizes that the page lists.
void size_engine(scenario::Bound& bound, bool compiled) {
  auto& job = bound.serving.front();
  const double prompt = double(job.requests.prompt.tokens), output = double(job.requests.output.tokens);
  const std::int64_t stages = job.pool.plan.pipeline_parallel;
  const double sequences = std::min(estimated_sequences(bound, prompt + output), 4096.0) / double(stages);
  const double tokens = std::min(sequences * (1 + prompt / output), 32768.0);
  const std::int64_t batch = rounded_up(sequences, 64, {{{256, 32}, {1024, 128}, {any, 256}}});
  const std::int64_t budget = rounded_up(tokens, 2048, {{{4096, 256}, {8192, 512}, {any, 1024}}});
  job.engine.max_sequences = stages * batch;
  job.engine.token_budget = std::max(budget, job.requests.prompt.tokens + (compiled ? 0 : batch));
  job.pool.kv_tokens = std::llround(double(job.pool.kv_tokens) * kv_fraction / job.engine.free_fraction);
  if (compiled) return;
  job.engine.graph_sizes = {1, 2, 4, 8, 16, 32, 64, 128, 256, 384, 512, 1024, 2048, 4096};
  std::erase_if(job.engine.graph_sizes, [&](std::int64_t size) { return size >= batch; });
  job.engine.graph_sizes.push_back(batch);
  job.engine.graph_sequences = batch;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const RowCells cells(table, row);
    const auto bound = bound_or_unsupported(benchmark_scenario(cells, requests_of(cells)));
    size_engine(*bound, is_compiled(cells));
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
