#include "analysis/report/reinforcement_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;
using datacenter::Phase;

std::string line(std::string_view label, const std::string& text) { return fmt::format("{:<9} {}\n", label, text); }

std::string_view name_of(Phase phase) { return datacenter::phase_names[static_cast<std::size_t>(phase)]; }

std::string_view algorithm_of(const scenario::BoundReinforcement& job) {
  return scenario::names_of(job.algorithm)[static_cast<std::size_t>(job.algorithm)];
}

std::string placement_of(const scenario::BoundReinforcement& job) {
  if (!job.rollout) return "no rollout";
  if (job.colocated()) return "rollout colocated";
  return fmt::format("rollout on {} of them{}", job.rollout->gpus(), job.one_step_off ? ", one step off" : "");
}

std::string count(double tokens) { return with_thousands(std::llround(tokens)); }

std::string job_lines(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                      const ReinforcementMetrics& m) {
  const auto& plan = job.plan;
  auto text = line("model", fmt::format("{} of {}: {:.4g} B parameters on {} x {}, {}", algorithm_of(job),
                                        job.model.name, static_cast<double>(job.model.parameters()) / 1e9, m.gpus,
                                        bound.device.name, placement_of(job)));
  text += line("samples", fmt::format("{} prompts x {}; prompt {} tokens, response {} (longest {})",
                                      job.samples.prompts, job.samples.samples_per_prompt, count(m.mean_prompt),
                                      count(m.mean_response), count(m.longest_response)));
  text += line("plan", fmt::format("tensor {}, context {}, pipeline {}, data {}; {}; recompute {}; {} updates of {} "
                                   "samples in {:.4g} micro-batches",
                                   plan.tensor_parallel, plan.context_parallel, plan.pipeline_parallel,
                                   plan.data_parallel, plenum::name_of(plan.precision),
                                   workload::names_of(plan.recompute)[static_cast<std::size_t>(plan.recompute)],
                                   job.updates(), plan.global_batch, m.micro_batches));
  if (!job.rollout) return text;
  const auto& pool = job.rollout->pool;
  return text + line("rollout", fmt::format("{}, {} replicas of {}, KV cache of {} tokens each; {:.4g} tokens/s "
                                            "per GPU",
                                            job.rollout->engine.name, pool.replicas,
                                            pool.plan.gpus() == 1 ? "a GPU" : fmt::format("{} GPUs", pool.plan.gpus()),
                                            with_thousands(pool.kv_tokens), m.generated_tokens_per_second_per_gpu));
}

std::string phase_lines(const ReinforcementMetrics& m) {
  std::string text;
  for (const auto& [phase, time, spans] : m.phases) {
    const double share = time / m.step;
    text += fmt::format("  {:<23} {:>5.1f} % {:>10}  {}{}\n", name_of(phase), 100 * share, format(time),
                        std::string(static_cast<std::size_t>(std::lround(28 * std::min(share, 1.0))), '#'),
                        spans > 1 ? fmt::format("  {} times", spans) : "");
  }
  return text;
}

std::string memory_lines(const ReinforcementMetrics& m) {
  const auto& memory = m.memory;
  const auto& actor = memory.roles.actor;
  const auto gib = [](Bytes bytes) { return static_cast<double>(bytes.value()) / (1 << 30); };
  std::string verdict = "fits";
  if (!memory.ways_to_fit.empty())
    verdict = fmt::format("OUT OF MEMORY by {}; to fit: {}", format(memory.training - memory.capacity),
                          fmt::join(memory.ways_to_fit, "; or "));
  const std::string generating =
      memory.generating > Bytes{} ? fmt::format(", generating {}", format(memory.generating)) : "";
  auto text = line("memory", fmt::format("training needs {}{} of {}: {}", format(memory.training), generating,
                                         format(memory.capacity), verdict));
  text += line("", fmt::format("GiB: actor {:.3g} (weights {:.3g}, gradients {:.3g}, optimizer {:.3g}, activations "
                               "{:.3g}, fragmentation {:.3g}, buffers {:.3g})",
                               gib(actor.total()), gib(actor.parameters), gib(actor.gradients), gib(actor.optimizer),
                               gib(actor.activations), gib(actor.fragmentation), gib(actor.buffers)));
  std::string others;
  const auto add = [&](const char* role, Bytes bytes) {
    if (bytes > Bytes{}) others += fmt::format("{}{} {:.3g}", others.empty() ? "" : ", ", role, gib(bytes));
  };
  add("critic", memory.roles.critic.total());
  add("reference", memory.roles.reference);
  add("reward model", memory.roles.reward);
  add("rollout weights", memory.weights);
  add("KV cache", memory.kv_cache);
  return others.empty() ? text : text + line("", "GiB: " + others);
}

Json phases_json(const ReinforcementMetrics& m) {
  Json json = Json::object();
  for (const auto& [phase, time, spans] : m.phases) json[std::string(name_of(phase))] = time.value();
  return json;
}

Json memory_json(const ReinforcementMemory& memory) {
  const auto stage = [](const workload::StageMemory& s) {
    return Json{{"parameters", s.parameters.value()},
                {"gradients", s.gradients.value()},
                {"optimizer", s.optimizer.value()},
                {"activations", s.activations.value()},
                {"fragmentation", s.fragmentation.value()},
                {"buffers", s.buffers.value()},
                {"total", s.total().value()}};
  };
  return {{"capacity_bytes", memory.capacity.value()},
          {"training_bytes", memory.training.value()},
          {"generating_bytes", memory.generating.value()},
          {"fits", memory.ways_to_fit.empty()},
          {"ways_to_fit", memory.ways_to_fit},
          {"roles_bytes",
           {{"actor", stage(memory.roles.actor)},
            {"critic", stage(memory.roles.critic)},
            {"reference", memory.roles.reference.value()},
            {"reward_model", memory.roles.reward.value()},
            {"rollout_weights", memory.weights.value()},
            {"rollout_kv_cache", memory.kv_cache.value()}}}};
}

}  // namespace

std::string reinforcement_summary(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                                  const ReinforcementMetrics& m) {
  auto text = job_lines(bound, job, m);
  text += line("step", fmt::format("{}   {:.4g} tokens/s per GPU; updates at {:.1f} % MFU", format(m.step),
                                   m.tokens_per_second_per_gpu, 100 * m.update_mfu));
  text += phase_lines(m) + line("idle", fmt::format("{:.1f} % of the GPUs' time", 100 * m.idle));
  if (job.rollout) {
    text += line("", fmt::format("in the rollout {:.1f} %; its last tenth of the responses takes {:.1f} % of it",
                                 100 * m.rollout_idle, 100 * m.tail));
    text += line("sync", fmt::format("{} over links, {} in which nothing else runs",
                                     format(Bytes(std::llround(m.sync_bytes))), format(m.time_of(Phase::weight_sync))));
  }
  text += memory_lines(m);
  for (const auto& cost : m.costs)
    text += line("cost", fmt::format("{}: {} per step", cost.basis, format(cost.per_step)));
  text += line("energy", fmt::format("{} with cooling, {} per step", format(m.power), format(m.energy_per_step)));
  return text + line("footing", std::string(calibration::name_of(m.footing)));
}

Json reinforcement_json(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                        const ReinforcementMetrics& m) {
  Json costs = Json::array();
  for (const auto& cost : m.costs)
    costs.push_back({{"basis", cost.basis}, {"per_step_dollars", cost.per_step.value()}});
  return {{"name", m.job},
          {"algorithm", algorithm_of(job)},
          {"model", {{"name", job.model.name}, {"parameters", job.model.parameters()}}},
          {"gpu", bound.device.name},
          {"gpus", m.gpus},
          {"training_gpus", m.training_gpus},
          {"rollout_gpus", m.rollout_gpus},
          {"colocated", job.colocated()},
          {"one_step_off", job.one_step_off},
          {"samples", m.samples},
          {"tokens", m.tokens},
          {"mean_prompt_tokens", m.mean_prompt},
          {"mean_response_tokens", m.mean_response},
          {"longest_response_tokens", m.longest_response},
          {"updates", job.updates()},
          {"micro_batches", m.micro_batches},
          {"step_time_seconds", m.step.value()},
          {"breakdown_seconds", phases_json(m)},
          {"tokens_per_second", m.tokens_per_second_per_gpu * static_cast<double>(m.gpus)},
          {"tokens_per_second_per_gpu", m.tokens_per_second_per_gpu},
          {"generated_tokens_per_second_per_gpu", m.generated_tokens_per_second_per_gpu},
          {"update_mfu", m.update_mfu},
          {"idle", m.idle},
          {"rollout_idle", m.rollout_idle},
          {"rollout_tail", m.tail},
          {"weight_sync_bytes", m.sync_bytes},
          {"exposed_weight_sync_seconds", m.time_of(Phase::weight_sync).value()},
          {"memory", memory_json(m.memory)},
          {"power_watts", m.power.value()},
          {"energy_per_step_joules", m.energy_per_step.value()},
          {"costs", costs},
          {"footing", calibration::name_of(m.footing)}};
}

}  // namespace plenum::analysis
