// The full result for programs. SI units; the unit stands in the key's name.
#include <nlohmann/json.hpp>

#include "analysis/report/application_report.hpp"
#include "analysis/report/generation_report.hpp"
#include "analysis/report/reinforcement_report.hpp"
#include "analysis/report/report.hpp"
#include "analysis/report/serving_report.hpp"
#include "analysis/report/trace_report.hpp"
#include "analysis/whole_run.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

Json breakdown_json(const datacenter::Breakdown& parts) {
  Json json;
  for (std::size_t part = 0; part < parts.size(); ++part)
    json[std::string(datacenter::part_names[part])] = parts[part].value();
  return json;
}

/// {"tensor_communication": {"all_gather": ..., ...}, ...}: what is zero is left out.
Json exposed_json(const datacenter::Exposed& exposed) {
  Json json = Json::object();
  for (std::size_t part = 0; part < exposed.size(); ++part)
    for (std::size_t kind = 0; kind < exposed[part].size(); ++kind)
      if (exposed[part][kind].value() > 0)
        json[std::string(datacenter::part_names[datacenter::first_communication + part])]
            [std::string(collective_names[kind])] = exposed[part][kind].value();
  return json;
}

Json memory_json(const TrainingMetrics& metrics) {
  Json stages = Json::array();
  for (const auto& stage : metrics.memory)
    stages.push_back({{"parameters", stage.parameters.value()},
                      {"gradients", stage.gradients.value()},
                      {"optimizer", stage.optimizer.value()},
                      {"activations", stage.activations.value()},
                      {"fragmentation", stage.fragmentation.value()},
                      {"buffers", stage.buffers.value()},
                      {"host", stage.host.value()},
                      {"total", stage.total().value()}});
  return {{"capacity_bytes", metrics.capacity.device.value()},
          {"host_capacity_bytes", metrics.capacity.host.value()},
          {"fits", metrics.ways_to_fit.empty()},
          {"ways_to_fit", metrics.ways_to_fit},
          {"stages_bytes", stages}};
}

Json costs_json(const TrainingMetrics& metrics) {
  Json costs = Json::array();
  for (const auto& cost : metrics.costs)
    costs.push_back({{"basis", cost.basis},
                     {"per_step_dollars", cost.per_step.value()},
                     {"per_trillion_tokens_dollars", cost.per_trillion_tokens.value()},
                     {"whole_run_dollars", cost.whole_run.value() > 0 ? Json(cost.whole_run.value()) : Json()}});
  return costs;
}

Json plan_json(const workload::TrainingPlan& plan) {
  return {{"tensor_parallel", plan.tensor_parallel},
          {"context_parallel", plan.context_parallel},
          {"pipeline_parallel", plan.pipeline_parallel},
          {"data_parallel", plan.data_parallel},
          {"virtual_stages", plan.virtual_stages},
          {"micro_batch", plan.micro_batch},
          {"micro_batches", plan.micro_batches()},
          {"global_batch", plan.global_batch},
          {"sequence_length_tokens", plan.sequence_length},
          {"precision", name_of(plan.precision)},
          {"recompute", workload::names_of(plan.recompute)[static_cast<std::size_t>(plan.recompute)]},
          {"optimizer_offload", plan.optimizer_offload},
          {"sharding", workload::names_of(plan.sharding)[static_cast<std::size_t>(plan.sharding)]}};
}

Json ranks_json(const datacenter::TrainingResult& result) {
  Json ranks = Json::array();
  for (const auto& rank : result.ranks)
    ranks.push_back({{"representative", rank.representative},
                     {"members", rank.members},
                     {"stage", rank.stage},
                     {"breakdown_seconds", breakdown_json(rank.parts)}});
  return ranks;
}

Json job_json(const scenario::Bound& bound, const scenario::BoundTraining& job, const TrainingMetrics& m,
              const datacenter::TrainingResult& result) {
  return {{"name", m.job},
          {"model", {{"name", job.model.name}, {"parameters", job.model.parameters()}}},
          {"gpu", scenario::names_of(bound.devices_of(job.first_gpu, job.plan.ranks()))},
          {"gpus", job.plan.ranks()},
          {"plan", plan_json(job.plan)},
          {"step_time_seconds", m.step.value()},
          {"tokens_per_second", m.tokens_per_second},
          {"tokens_per_second_per_gpu", m.tokens_per_second_per_gpu},
          {"model_flops_per_second_per_gpu", m.model_flops_per_gpu.value()},
          {"hardware_flops_per_second_per_gpu", m.hardware_flops_per_gpu.value()},
          {"mfu", m.mfu},
          {"hfu", m.hfu},
          {"flop_formula", m.flop_formula},
          {"breakdown_seconds", breakdown_json(m.parts)},
          {"exposed_communication_seconds", exposed_json(m.exposed)},
          {"memory", memory_json(m)},
          {"power_watts", m.power.value()},
          {"energy_per_step_joules", m.energy_per_step.value()},
          {"costs", costs_json(m)},
          {"footing", calibration::name_of(m.footing)},
          {"kernel_error", {{"median_abs_error", m.kernel_error.median}, {"share_of_step", m.kernel_error.share}}},
          {"ranks", ranks_json(result)}};
}

Json folding_json(const datacenter::Result& result) {
  return {{"ranks_unfolded", result.ranks_unfolded},
          {"ranks_folded", result.ranks_folded},
          {"nodes_unfolded", result.nodes_unfolded},
          {"nodes_folded", result.nodes_folded},
          {"ratio", result.nodes_folded > 0
                        ? Json(static_cast<double>(result.nodes_unfolded) / static_cast<double>(result.nodes_folded))
                        : Json()},
          {"events", result.events}};
}

Json links_json(const datacenter::Result& result) {
  Json links = Json::array();
  for (const auto& load : result.busiest)
    links.push_back({{"name", load.name},
                     {"members", load.members},
                     {"carried_bytes", load.bytes},
                     {"utilization", load.utilization}});
  return links;
}

}  // namespace

Json to_json(const scenario::Bound& bound, const datacenter::Result& result,
             const std::vector<TrainingMetrics>& metrics, const std::vector<ServingMetrics>& serving,
             std::uint64_t seed) {
  Json jobs = Json::array();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    jobs.push_back(job_json(bound, bound.training[i], metrics[i], result.training[i]));
    if (const auto run = whole_run(bound, bound.training[i], metrics[i].step)) jobs.back()["run"] = to_json(*run);
  }
  for (std::size_t i = 0; i < serving.size(); ++i) jobs.push_back(serving_json(bound, bound.serving[i], serving[i]));
  for (std::size_t i = 0; i < result.applications.size(); ++i)
    jobs.push_back(application_json(measure(bound.applications[i], result.applications[i], serving)));
  for (std::size_t i = 0; i < result.generation.size(); ++i)
    jobs.push_back(
        generation_json(bound, bound.generation[i], measure(bound, bound.generation[i], result.generation[i])));
  for (std::size_t i = 0; i < result.reinforcement.size(); ++i)
    jobs.push_back(reinforcement_json(bound, bound.reinforcement[i],
                                      measure(bound, bound.reinforcement[i], result.reinforcement[i])));
  for (const auto& trace : result.traces) jobs.push_back(trace_json(bound, trace));
  return {{"plenum", PLENUM_VERSION},
          {"scenario", {{"name", bound.name}, {"digest", bound.digest}}},
          {"seed", seed},
          {"makespan_seconds", result.makespan.value()},
          {"folding", folding_json(result)},
          {"jobs", jobs},
          {"busiest_links", links_json(result)}};
}

}  // namespace plenum::analysis
