#include "analysis/validation/serving/run_table.hpp"

#include <fmt/format.h>

#include "analysis/validation/serving/run_list.hpp"
#include "analysis/validation/serving/serving_cluster.hpp"
#include "analysis/validation/serving/serving_prediction.hpp"

namespace plenum::analysis {
namespace {

Precision format_of(const RowCells& row) {
  if (row.mentions("dtype", "16")) return Precision::bf16;
  throw Unsupported{fmt::format("the number format \"{}\" is not modelled", row.text("dtype"))};
}

/// vLLM's data-parallel engines attend to requests of their own and share the experts where these are spread; without
/// that they are replicas.
void set_plan(scenario::ServingJob& job, const RowCells& row) {
  auto& plan = job.plan;
  const std::int64_t engines = row.integer("data_parallel_size").value_or(1);
  const bool shared = job.model->experts && row.text("enable_expert_parallel") == "true";
  plan.tensor_parallel = row.integer("tensor_parallel_size").value_or(1);
  plan.attention_data_parallel = shared ? engines : 1;
  plan.expert_parallel = shared ? plan.stage_gpus() : 1;
  plan.precision = plan.expert_precision = format_of(row);
  plan.kv_cache = row.mentions("kv_cache_dtype", "fp8") ? Precision::fp8 : Precision::bf16;
  job.replicas = shared ? 1 : engines;
}

scenario::Scenario run_scenario(const RowCells& row) {
  Issues issues;
  scenario::ServingJob job;
  job.model = workload::find_model(std::string(row.text("model")), issues);
  if (!job.model) throw Unsupported{fmt::format("the model \"{}\" is not in the catalogue", row.text("model"))};
  job.engine = "vllm";
  set_plan(job, row);
  job.max_sequences = row.integer("max_num_seqs").value_or(0);
  job.token_budget = row.integer("max_num_batched_tokens").value_or(0);
  job.requests.file = row.text("requests");
  scenario::Scenario scenario;
  scenario.name = row.text("id");
  scenario.cluster = serving_cluster(row.text("gpu"), job.replicas * job.plan.gpus());
  scenario.jobs.emplace_back().serving = std::move(job);
  return scenario;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&] {
    const auto bound = bound_or_unsupported(run_scenario({table, row}));
    // Runs are timed in the engine: from its queue to the end of the step that gives the token.
    auto& engine = bound->serving.front().engine;
    engine.request_host = engine.front_end = Seconds(0);
    const auto metrics = simulated_metrics(*bound);
    return prediction_of(metrics, {{"tpot", metrics.time_per_output_token.mean},
                                   {"ttft", metrics.time_to_first_token.mean},
                                   {"end_to_end", metrics.end_to_end.mean},
                                   {"itl", metrics.inter_token.mean},
                                   {"throughput", metrics.output_tokens_per_second}});
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  described.labels = {{"run", described.id}};
  for (const char* quantity : {"tpot", "ttft", "end_to_end", "itl", "throughput"})
    described.quantities.push_back({quantity,
                                    std::string_view(quantity) == "throughput" ? "tokens/s" : "s",
                                    measured_cell(cells, quantity, 1),
                                    {}});
  return described;
}

}  // namespace

TableKind serving_run_table() {
  return {.name = "serving-run",
          .holds = "requests of recorded vLLM runs, in a folder",
          .columns = {"id", "gpu", "model", "requests"},
          .groupings = {"run"},
          .describe = describe,
          .predict = predict,
          .read = read_runs};
}

}  // namespace plenum::analysis
