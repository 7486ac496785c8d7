#include "sim/datacenter/simulation.hpp"

#include <deque>

#include "sim/datacenter/applications/application.hpp"
#include "sim/datacenter/collective_job.hpp"
#include "sim/datacenter/generation/picture_deployment.hpp"
#include "sim/datacenter/payload_efficiency.hpp"
#include "sim/datacenter/reinforcement/reinforcement_job.hpp"
#include "sim/datacenter/serving/deployment.hpp"
#include "sim/datacenter/traces/trace_job.hpp"
#include "sim/datacenter/training/training_job.hpp"

namespace plenum::datacenter {
namespace {

constexpr std::size_t busiest_channels = 24;

/// Where collectives are alone, the first one's.
LinkEfficiency link_efficiency(const scenario::Bound& bound) {
  if (bound.training.empty() && bound.traces.empty() && !bound.collectives.empty()) {
    const auto& job = bound.collectives.front();
    const auto timing = calibration::timing(job.situation, job.kind, job.method, job.size);
    return {timing.nvlink_efficiency, timing.network_efficiency};
  }
  const auto devices = bound.devices_of(0, static_cast<std::int64_t>(bound.cluster.gpus.size()));
  return payload_efficiency(scenario::oldest_architecture(devices), bound.specification.fabric.transport);
}

std::int64_t ranks_in(const std::vector<RankClass>& classes) {
  std::int64_t ranks = 0;
  for (const RankClass& c : classes) ranks += c.members;
  return ranks;
}

template <class... Jobs>
void tell_progress(const Options& options, const std::deque<Jobs>&... kinds) {
  Advance sum;
  const auto add = [&sum](const auto& jobs) {
    for (const auto& job : jobs) {
      const Advance one = job.advance();
      sum = {sum.done + one.done, sum.of + one.of};
    }
  };
  (add(kinds), ...);
  options.progress(sum);
}

}  // namespace

Result simulate(const scenario::Bound& bound, const Options& options) {
  Traffic traffic;
  std::vector<TrainingLayout> layouts;
  for (const scenario::BoundTraining& job : bound.training) {
    layouts.push_back(lay_out(bound, job, layouts.size(), traffic));
  }
  std::deque<TraceLayout> trace_layouts;
  for (const scenario::BoundTrace& job : bound.traces)
    trace_layouts.emplace_back(bound, job, layouts.size() + trace_layouts.size(), traffic);

  std::vector<ReinforcementLayout> reinforcement_layouts;
  for (const scenario::BoundReinforcement& job : bound.reinforcement)
    reinforcement_layouts.push_back(
        lay_out(bound, job, layouts.size() + trace_layouts.size() + reinforcement_layouts.size(), traffic));

  std::vector<std::uint32_t> groups;
  for (const auto& job : bound.collectives) groups.push_back(add_collective(bound, job, groups.size(), traffic));

  engine::Engine engine;
  FoldedFabric fabric(engine, *bound.network, traffic, link_efficiency(bound), options.fold);
  std::deque<TrainingJob> jobs;
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    jobs.emplace_back(bound, bound.training[i], std::move(layouts[i]), traffic, engine, fabric, options);
  }
  std::deque<Deployment> deployments;
  for (const scenario::BoundServing& job : bound.serving) deployments.emplace_back(bound, job, engine, options);
  std::deque<Application> applications;
  for (const scenario::BoundApplication& job : bound.applications)
    applications.emplace_back(job, deployments, engine, options);
  std::deque<PictureDeployment> pictures;
  for (const scenario::BoundGeneration& job : bound.generation) pictures.emplace_back(bound, job, engine, options);
  std::deque<ReinforcementJob> reinforcement;
  for (std::size_t i = 0; i < bound.reinforcement.size(); ++i)
    reinforcement.emplace_back(bound, bound.reinforcement[i], std::move(reinforcement_layouts[i]), traffic, engine,
                               fabric, options);
  std::deque<TraceJob> traces;
  for (std::size_t i = 0; i < bound.traces.size(); ++i)
    traces.emplace_back(bound, bound.traces[i], trace_layouts[i], engine, fabric);
  std::deque<CollectiveJob> collectives;
  for (std::size_t i = 0; i < groups.size(); ++i)
    collectives.emplace_back(bound.collectives[i], groups[i], engine, fabric);
  for (TrainingJob& job : jobs) job.begin();
  for (CollectiveJob& job : collectives) job.begin();
  for (TraceJob& trace : traces) trace.begin();
  for (Deployment& deployment : deployments) deployment.begin();
  for (Application& application : applications) application.begin();
  for (PictureDeployment& deployment : pictures) deployment.begin();
  for (ReinforcementJob& job : reinforcement) job.begin();
  engine.run(options.progress
                 ? [&] { tell_progress(options, jobs, deployments, applications, pictures, reinforcement); }
                 : engine::Callback{});

  Result result;
  for (TrainingJob& job : jobs) {
    const TrainingResult& training = result.training.emplace_back(job.result());
    result.makespan = std::max(result.makespan, training.step);
    result.ranks_unfolded += ranks_in(training.ranks);
    result.ranks_folded += static_cast<std::int64_t>(training.ranks.size());
  }
  for (Deployment& deployment : deployments) {
    result.makespan = std::max(result.makespan, result.serving.emplace_back(deployment.result()).end);
  }
  for (Application& application : applications)
    result.makespan = std::max(result.makespan, result.applications.emplace_back(application.result()).end);
  for (PictureDeployment& deployment : pictures)
    result.makespan = std::max(result.makespan, result.generation.emplace_back(deployment.result()).end);
  for (ReinforcementJob& job : reinforcement) {
    const ReinforcementResult& step = result.reinforcement.emplace_back(job.result());
    result.makespan = std::max(result.makespan, step.step);
    result.ranks_unfolded += ranks_in(step.ranks);
    result.ranks_folded += static_cast<std::int64_t>(step.ranks.size());
  }
  for (TraceJob& trace : traces) {
    const TraceResult& run = result.traces.emplace_back(trace.result());
    result.makespan = std::max(result.makespan, run.time);
    result.ranks_unfolded += run.ranks;
    result.ranks_folded += static_cast<std::int64_t>(run.classes.size());
  }
  for (CollectiveJob& job : collectives) {
    result.makespan = std::max(result.makespan, result.collectives.emplace_back(job.result()).end);
  }
  result.busiest = fabric.busiest(result.makespan, busiest_channels);
  result.nodes_unfolded = fabric.nodes_unfolded();
  result.nodes_folded = fabric.nodes_folded();
  result.events = engine.statistics().work_started + engine.statistics().timers_fired;
  return result;
}

}  // namespace plenum::datacenter
