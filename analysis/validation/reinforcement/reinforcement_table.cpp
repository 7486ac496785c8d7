#include "analysis/validation/reinforcement/reinforcement_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "analysis/reinforcement_metrics.hpp"
#include "analysis/validation/row_prediction.hpp"
#include "analysis/validation/training/software_generation.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

using datacenter::Phase;

double below(double deviations) { return std::erfc(-deviations / std::numbers::sqrt2) / 2; }

/// Mean of a log-normal length with a deviation as large as its mean, cut at `most`.
double cut_mean(double mean, double most) {
  const double sigma = std::sqrt(std::numbers::ln2), mu = std::log(mean) - sigma * sigma / 2;
  const double at = (std::log(most) - mu) / sigma;
  return mean * below(at - sigma) + most * (1 - below(at));
}

/// Publications state the mean of what was generated, not how it spreads.
workload::LengthSpecification responses_of(double measured_mean, double most) {
  double low = measured_mean, high = 1e7;
  while (high / low > 1 + 1e-6) {
    const double middle = std::sqrt(low * high);
    (cut_mean(middle, most) < measured_mean ? low : high) = middle;
  }
  return {.kind = workload::LengthKind::log_normal, .tokens = std::llround(low)};
}

/// As Megatron-Core was run in 2025, see software_generation.hpp; experts by the habits of training_public.csv's rows.
workload::TrainingPlan plan_of(const RowCells& row, bool has_experts) {
  workload::TrainingPlan plan;
  plan.tensor_parallel = row.required("tp");
  plan.context_parallel = row.required("cp");
  plan.expert_parallel = row.required("ep");
  plan.pipeline_parallel = row.required("pp");
  plan.global_batch = row.required("global_batch");
  plan.sequence_length = row.required("sequence_length");
  plan.recompute = row.text("recompute") == "full" ? workload::Recompute::full : workload::Recompute::none;
  plan.gradient_precision = Precision::bf16;
  plan.host_per_kernel = has_experts ? mixture_host : modern_host;
  plan.expert_kernels = workload::ExpertKernels::separate;
  return plan;
}

scenario::ReinforcementJob job_of(const RowCells& row) {
  Issues issues;
  scenario::ReinforcementJob job;
  job.model = workload::find_model(std::string(row.text("model")), issues);
  if (!job.model) throw Unsupported{issues.all().front().message};
  job.plan = plan_of(row, job.model->experts.has_value());
  job.model->context = std::max(job.model->context, job.plan.sequence_length);
  const auto prompt = row.required("prompt_tokens");
  job.samples = {.prompts = row.required("prompts"),
                 .samples_per_prompt = row.required("samples_per_prompt"),
                 .prompt = {.tokens = prompt},
                 .response = responses_of(row.number("response_tokens").value(),
                                          static_cast<double>(job.plan.sequence_length - prompt))};
  auto& rollout = job.rollout.emplace();
  rollout.gpus = row.integer("rollout_gpus").value_or(0);
  rollout.engine.engine = "vllm-0.11";  // NeMo-RL 0.3 to 0.5
  rollout.engine.plan.tensor_parallel = row.required("rollout_tp");
  rollout.engine.memory_fraction = row.number("memory_fraction").value();
  rollout.engine.router = scenario::RouterKind::round_robin;
  job.one_step_off = row.text("mode") == "one_step_off";
  if (rollout.gpus == 0) job.offload = workload::Offload::all;
  return job;
}

scenario::Scenario scenario_of(const RowCells& row) {
  scenario::Scenario scenario;
  scenario.cluster = preset_cluster_of(row);
  scenario.jobs.emplace_back().reinforcement = job_of(row);
  return scenario;
}

Prediction predict(const CsvTable& table, const CsvTable::Row& row) {
  return predicted_or_reason([&]() -> Prediction {
    const auto bound = bound_or_unsupported(scenario_of(RowCells(table, row)));
    const auto result = datacenter::simulate(*bound, {});
    const auto m = measure(*bound, bound->reinforcement.front(), result.reinforcement.front());
    const auto seconds = [&](auto... phases) { return (m.time_of(phases) + ...).value(); };
    return {.reason = {},
            .footing = std::string(calibration::name_of(m.footing)),
            .quantities = {{"step_time", m.step.value()},
                           {"rollout", seconds(Phase::rollout)},
                           {"update", seconds(Phase::actor_update)},
                           {"log_probs", seconds(Phase::old_log_probs, Phase::reference_log_probs)},
                           {"weight_sync", seconds(Phase::weight_sync, Phase::offload)}}};
  });
}

ValidationRow describe(const CsvTable& table, const CsvTable::Row& row) {
  const RowCells cells(table, row);
  ValidationRow described;
  described.id = cells.text("id");
  described.labels = {{"model", std::string(cells.text("model"))}, {"mode", std::string(cells.text("mode"))}};
  described.quantities = {{"step_time", "s", cells.number("step_s"), {}},
                          {"rollout", "s", cells.number("rollout_s"), {}},
                          {"update", "s", cells.number("update_s"), {}},
                          {"log_probs", "s", cells.number("log_probs_s"), {}},
                          {"weight_sync", "s", cells.number("sync_s"), {}}};
  return described;
}

}  // namespace

TableKind reinforcement_table() {
  return {.name = "reinforcement",
          .holds = "steps of reinforcement learning, by phase",
          .columns = {"id",
                      "model",
                      "gpu",
                      "n_gpus",
                      "rollout_gpus",
                      "mode",
                      "prompts",
                      "samples_per_prompt",
                      "global_batch",
                      "sequence_length",
                      "prompt_tokens",
                      "response_tokens",
                      "tp",
                      "cp",
                      "ep",
                      "pp",
                      "recompute",
                      "rollout_tp",
                      "memory_fraction",
                      "step_s",
                      "rollout_s",
                      "update_s",
                      "log_probs_s",
                      "sync_s"},
          .groupings = {"model", "mode"},
          .measurements = {"step_s", "rollout_s", "update_s", "log_probs_s", "sync_s"},
          .coloured_by = "model",
          .describe = describe,
          .predict = predict};
}

}  // namespace plenum::analysis
