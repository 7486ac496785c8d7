#include "analysis/validation/training/layer_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/preset_cluster.hpp"
#include "analysis/validation/row_cells.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/training/memory.hpp"

namespace plenum::analysis {
namespace {

constexpr double gibibyte = 1 << 30, milliseconds = 1e-3;

/// How the models of the publication were trained (arXiv 2205.05198, table 3): tensor parallel 8, sequences of 2,048.
struct Published {
  std::string_view model;
  std::int64_t pipeline, chunks, micro_batch;
};
constexpr std::array published{Published{"Megatron-GPT-22B", 1, 1, 4}, Published{"Megatron-GPT-175B", 8, 3, 1},
                               Published{"Megatron-GPT-530B", 35, 3, 1}, Published{"Megatron-GPT-1T", 64, 1, 1}};

/// "Megatron-GPT-22B (h6144, heads 64, ...)": the sizes repeat what the model is.
std::string name_in(const RowCells& row) {
  const auto text = row.text("model");
  return std::string(text.substr(0, text.find(' ')));
}

const Published& published_of(const RowCells& row) {
  const auto name = name_in(row);
  const auto found = std::find_if(published.begin(), published.end(), [&](const auto& p) { return p.model == name; });
  if (found == published.end()) throw Unsupported{fmt::format("no plan is known for \"{}\"", name)};
  return *found;
}

workload::Transformer model_of(const RowCells& row) {
  Issues issues;
  const auto model = workload::find_model(name_in(row), issues);
  if (!model) throw Unsupported{fmt::format("model \"{}\" is not in the catalogue", name_in(row))};
  return *model;
}

workload::Recompute recompute_of(const RowCells& row) {
  if (row.mentions("setting", "full")) return workload::Recompute::full;
  return row.mentions("setting", "selective") ? workload::Recompute::selective : workload::Recompute::none;
}

/// Megatron-LM of 2022 in FP16.
workload::TrainingPlan plan_of(const RowCells& row) {
  const auto& of_model = published_of(row);
  workload::TrainingPlan plan;
  plan.tensor_parallel = 8;
  plan.pipeline_parallel = of_model.pipeline;
  plan.virtual_stages = of_model.chunks;
  plan.micro_batch = of_model.micro_batch;
  plan.global_batch = of_model.micro_batch * of_model.pipeline;
  plan.data_parallel = 1;
  plan.sequence_length = 2048;
  plan.precision = Precision::fp16;
  plan.sequence_parallel = row.mentions("setting", "sp") && !row.mentions("setting", "no sp");
  plan.recompute = recompute_of(row);
  plan.sharding = workload::Sharding::none;
  plan.flash_attention = false;
  plan.dropout = true;
  return plan;
}

struct Passes {
  double forward = 0, backward = 0;
};

scenario::Job job_of(const RowCells& row, std::int64_t layers, std::int64_t node) {
  scenario::Job job;
  job.name = fmt::format("{} layers", layers);
  auto& training = job.training.emplace();
  training.model = model_of(row);
  training.model->layers = layers;
  training.plan = plan_of(row);
  training.first_node = node;
  training.gpus = 8;
  return job;
}

Passes passes_of(const datacenter::TrainingResult& result) {
  Passes passes;
  for (const auto& slice : result.ranks.front().timeline) {
    if (slice.track != datacenter::Interval::Track::compute) continue;
    const double seconds = (slice.end - slice.start).value();
    if (slice.name == "forward") passes.forward += seconds;
    if (slice.name == "backward") passes.backward += seconds;
  }
  return passes;
}

bool is_of_memory(const RowCells& row) { return row.mentions("quantity", "memory"); }

/// Two jobs side by side, of one micro-batch each: the one with two layers more takes two layers longer, embedding and
/// head cancel out.
std::map<std::string, double> layer_times(const RowCells& row) {
  Issues issues;
  scenario::Scenario scenario;
  const auto cluster = preset_cluster("DGX-A100", 16, issues);
  if (!cluster) throw Unsupported{"no cluster of A100"};
  scenario.cluster = *cluster;
  scenario.jobs = {job_of(row, 2, 0), job_of(row, 4, 1)};
  const auto bound = scenario::bind({.scenario = std::move(scenario), .source = {}, .digest = {}}, issues);
  if (!bound) throw Unsupported{"the scenario of a layer was refused"};
  const auto result = datacenter::simulate(*bound, {.timeline = true});
  const Passes few = passes_of(result.training[0]), more = passes_of(result.training[1]);
  const double forward = (more.forward - few.forward) / 2, backward = (more.backward - few.backward) / 2;
  return {{"forward", forward}, {"backward", backward}, {"layer", forward + backward}};
}

/// States of a middle stage, for the figure counts layers only; activations of the first stage, which holds most.
std::map<std::string, double> memory(const RowCells& row) {
  auto plan = plan_of(row);
  plan.global_batch *= 8;  // the peak of a full pipeline
  const auto model = model_of(row);
  if (!workload::complete(plan, model, plan.ranks()).empty()) throw Unsupported{"the plan doesn't divide"};
  const auto stages = workload::peak_memory(model, plan);
  const auto& middle = stages[stages.size() / 2];
  const Bytes states = middle.parameters + middle.gradients + middle.optimizer;
  return {{"states", static_cast<double>(states.value()) / gibibyte},
          {"activations", static_cast<double>(stages.front().activations.value()) / gibibyte}};
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  try {
    const RowCells cells(table, row);
    return {
        .reason = {}, .footing = "measured", .quantities = is_of_memory(cells) ? memory(cells) : layer_times(cells)};
  } catch (const Unsupported& unsupported) {
    return {.reason = unsupported.reason, .footing = {}, .quantities = {}};
  }
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto in_seconds = [&](std::string_view column) {
    const auto value = cells.number(column);
    return value ? std::optional(*value * milliseconds) : std::nullopt;
  };
  ValidationRow described;
  described.id = fmt::format("{}, {}, {}", cells.text("quantity"), name_in(cells), cells.text("setting"));
  described.labels = {{"model", name_in(cells)}, {"setting", std::string(cells.text("setting"))}};
  described.quantities = {{"forward", "s", in_seconds("forward_ms"), {}},
                          {"backward", "s", in_seconds("backward_ms"), {}},
                          {"layer", "s", in_seconds("total_ms"), {}},
                          {"states", "GiB", cells.number("param_opt_GiB"), {}},
                          {"activations", "GiB", cells.number("activation_GiB"), {}}};
  return described;
}

}  // namespace

TableKind layer_table() {
  return {.name = "layer-time",
          .holds = "times of one layer's passes, and memory per GPU",
          .columns = {"quantity", "model", "setting", "forward_ms", "backward_ms", "activation_GiB"},
          .groupings = {"model", "setting"},
          .coloured_by = "setting",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
