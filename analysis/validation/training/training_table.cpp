#include "analysis/validation/training/training_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/preset_cluster.hpp"
#include "analysis/validation/row_prediction.hpp"
#include "analysis/validation/training/row_model.hpp"
#include "analysis/validation/training/row_plan.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

/// Preset of the nodes that a GPU is sold in; the fabric is the preset's.
struct NodeOf {
  std::string_view gpu_prefix, preset;
};
constexpr std::array nodes_of{NodeOf{"A100", "DGX-A100"},     NodeOf{"H100", "DGX-H100"},    NodeOf{"H800", "DGX-H100"},
                              NodeOf{"H200", "DGX-H200"},     NodeOf{"B200", "DGX-B200"},    NodeOf{"B300", "DGX-B300"},
                              NodeOf{"GB200", "GB200-NVL72"}, NodeOf{"GB300", "GB300-NVL72"}};

std::optional<std::string_view> preset_of(std::string_view gpu) {
  for (const auto& node : nodes_of)
    if (gpu.starts_with(node.gpu_prefix)) return node.preset;
  return std::nullopt;
}

std::string all_messages(const Issues& issues) {
  std::string text;
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::error)
      text += (text.empty() ? "" : "; ") + (issue.pointer.empty() ? "" : issue.pointer + ": ") + issue.message;
  return text;
}

/// Jobs larger than a rack that don't fill whole ones take 16 of its 18 trays (Slurm's --segment 16 in NVIDIA's
/// recipes), so that groups of ranks stay within a rack.
void align_domains(topology::ClusterSpecification& cluster, std::int64_t gpus) {
  auto& node = cluster.node;
  constexpr std::int64_t segment = 16;
  if (node.nvlink_domain_nodes > segment && gpus > node.gpus * node.nvlink_domain_nodes &&
      gpus % (node.gpus * node.nvlink_domain_nodes) != 0)
    node.nvlink_domain_nodes = segment;
}

topology::ClusterSpecification cluster_of(const RowCells& row) {
  const std::string gpu(row.text("gpu"));
  const auto name = preset_of(gpu);
  if (!name) throw Unsupported{fmt::format("no calibration for GPU \"{}\"", gpu)};
  Issues issues;
  const auto gpus = row.required("n_gpus");
  auto cluster = preset_cluster(std::string(*name), gpus, issues);
  if (issues.has_errors()) throw Unsupported{all_messages(issues)};
  cluster->gpu = gpu;
  auto& node = cluster->node;
  align_domains(*cluster, gpus);
  // Jobs smaller than a node have it to themselves.
  const auto per_node = std::min(row.integer("gpus_per_node").value_or(node.gpus), gpus);
  if (per_node == 0 || per_node == node.gpus) return *cluster;
  node.nics = std::max<std::int64_t>(node.nics * per_node / node.gpus, 1);
  node.gpus = per_node;
  cluster->nodes = (gpus + per_node - 1) / per_node;
  return *cluster;
}

void refuse_what_is_not_modelled(const RowCells& row) {
  if (row.mentions("arch", "multimodal"))
    throw Unsupported{"the table states neither the vision encoder nor the images of a sequence"};
}

scenario::Scenario build_scenario(const RowCells& row) {
  refuse_what_is_not_modelled(row);
  scenario::Scenario scenario;
  scenario.name = row.text("id");
  scenario.cluster = cluster_of(row);
  Issues issues;
  const auto device = calibration::load_device(scenario.cluster.gpu, {}, "", issues);
  if (!device) throw Unsupported{all_messages(issues)};
  auto& job = scenario.jobs.emplace_back();
  job.name = "training";
  auto& training = job.training.emplace();
  training.model = model_of(row);
  training.plan = plan_of(row, *training.model, {*device, scenario.cluster, row.required("n_gpus")});
  training.gpus = row.required("n_gpus");
  return scenario;
}

std::string scale_of(std::int64_t gpus) {
  for (const std::int64_t limit : {8, 64, 512, 4096})
    if (gpus <= limit) return fmt::format("up to {} GPUs", limit);
  return "more than 4096 GPUs";
}

/// `read` of the cells, or `otherwise` when a cell can't be read.
template <class T, class Read>
T value_or(T otherwise, const Read& read) {
  try {
    return read();
  } catch (const Unsupported&) {
    return otherwise;
  }
}

}  // namespace

std::optional<double> measured_step_time(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto stated = [&](std::string_view column) {
    const auto value = cells.number(column);
    return value && *value > 0 ? value : std::nullopt;
  };
  return value_or(std::optional<double>(), [&]() -> std::optional<double> {
    if (const auto seconds = stated("iter_time_s")) return seconds;
    const auto batch = stated("gbs_sequences"), length = stated("seq_len_tokens"), gpus = stated("n_gpus");
    const auto rate = stated("tokens_per_s_per_gpu");
    if (batch && length && gpus && rate) return *batch * *length / (*rate * *gpus);
    return stated("derived_iter_time_s");
  });
}

bool is_complete(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const auto stated = [&](std::string_view column) { return !cells.text(column).empty(); };
  const auto columns = {"layers", "hidden", "heads", "seq_len_tokens", "n_gpus", "gbs_sequences"};
  const auto gpu = cells.text("gpu");
  const bool nvidia = preset_of(gpu) || gpu.starts_with("V100");
  return nvidia && std::all_of(columns.begin(), columns.end(), stated) &&
         value_or(false, [&] { return states_plan(cells); });
}

std::optional<scenario::Scenario> scenario_of(const CsvTable& table, const CsvTable::Row& row, std::string& reason) {
  try {
    return build_scenario(RowCells(table, row));
  } catch (const Unsupported& unsupported) {
    reason = unsupported.reason;
    return std::nullopt;
  }
}

Prediction predict_step(scenario::Scenario scenario) {
  return predicted_or_reason([&]() -> Prediction {
    const auto bound = bound_or_unsupported(std::move(scenario));
    const auto result = datacenter::simulate(*bound, {});
    const auto& training = result.training.front();
    return {.reason = {},
            .footing = std::string(calibration::name_of(training.footing)),
            .quantities = {{"step_time", training.step.value()}}};
  });
}

namespace {

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  std::string reason;
  auto scenario = scenario_of(table, row, reason);
  if (!scenario) return {.reason = reason, .footing = {}, .quantities = {}};
  return predict_step(std::move(*scenario));
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  const bool complete = is_complete(table, row);
  ValidationRow described;
  described.judged = complete;
  described.id = cells.text("id");
  described.labels = {
      {"family", std::string(cells.text("family"))},
      {"gpu", std::string(cells.text("gpu"))},
      {"precision", std::string(name_of(precision_of(cells)))},
      {"architecture", std::string(cells.text("arch"))},
      {"scale", value_or(std::string("unknown"), [&] { return scale_of(cells.required("n_gpus")); })},
      {"part", std::string(part_of(cells.text("group")))},
      {"completeness", complete ? "complete" : "incomplete"},
  };
  if (!complete)
    for (auto& [grouping, label] : described.labels)
      if (grouping != "completeness") label = grouping == "family" ? label + " (incomplete)" : "(incomplete)";
  described.quantities = {{"step_time", "s", measured_step_time(table, row), {}}};
  return described;
}

}  // namespace

TableKind training_table() {
  return {.name = "training",
          .holds = "training steps",
          .columns = {"id", "gpu", "n_gpus", "model", "arch", "seq_len_tokens", "gbs_sequences"},
          .groupings = {"completeness", "part", "family", "gpu", "precision", "architecture", "scale"},
          .measurements = {"iter_time_s", "tokens_per_s_per_gpu", "derived_iter_time_s"},
          .vocabularies = {{"precision", precision_words()}, {"recompute", recompute_words()}},
          .coloured_by = "family",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
