#include "sim/datacenter/reinforcement/reinforcement_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/core/random.hpp"

namespace plenum::datacenter {
namespace {

/// Responses that one step off generates are those of another step than it trains on.
constexpr std::uint64_t next_step = 1;

scenario::BoundTraining training_of(const scenario::BoundReinforcement& job, const workload::Transformer& model,
                                    const workload::TrainingPlan& plan, bool forward_only) {
  return {.name = job.name,
          .model = model,
          .plan = plan,
          .first_gpu = job.first_gpu,
          .tokens = 0,
          .jitter = 0,
          .run = {},
          .forward_only = forward_only};
}

/// Phases number their messages from 0; a step's are all different.
void number_messages(std::vector<RankClass>& ranks, std::int64_t& next) {
  const std::int64_t first = next;
  for (RankClass& each : ranks) {
    for (Interval& slice : each.timeline) {
      if (slice.message < 0) continue;
      slice.message += first;
      next = std::max(next, slice.message + 1);
    }
  }
}

/// Classes of the same ranks in further phases: their timelines follow, their parts add up.
void add_ranks(std::vector<RankClass>& all, std::vector<RankClass> further) {
  for (RankClass& ranks : further) {
    const auto same = std::ranges::find(all, ranks.representative, &RankClass::representative);
    if (same == all.end()) {
      all.push_back(std::move(ranks));
      continue;
    }
    for (std::size_t part = 0; part < part_count; ++part) same->parts[part] += ranks.parts[part];
    same->timeline.insert(same->timeline.end(), std::make_move_iterator(ranks.timeline.begin()),
                          std::make_move_iterator(ranks.timeline.end()));
  }
}

}  // namespace

ReinforcementLayout lay_out(const scenario::Bound& bound, const scenario::BoundReinforcement& job, std::uint64_t number,
                            Traffic& traffic) {
  const auto role = [&](const workload::Transformer& model, std::uint64_t which) {
    return lay_out(bound, training_of(job, model, job.plan, false), mix(number) + which, traffic);
  };
  ReinforcementLayout layout{.actor = role(job.model, 0), .critic = {}, .reward = {}, .sync = {}};
  if (job.critic) layout.critic = role(*job.critic, 1);
  if (job.reward_model) layout.reward = role(*job.reward_model, 2);
  if (job.rollout) layout.sync = add_weight_sync(bound, job, layout.actor, mix(number) + 3, traffic);
  return layout;
}

ReinforcementJob::ReinforcementJob(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                                   ReinforcementLayout layout, const Traffic& traffic, engine::Engine& engine,
                                   FoldedFabric& fabric, const Options& options)
    : bound_(bound),
      job_(job),
      layout_(std::move(layout)),
      traffic_(traffic),
      engine_(engine),
      fabric_(fabric),
      options_(options) {
  result_.job = job.name;
  result_.samples = workload::draw_samples(job.samples, job.plan.sequence_length, options.seed);
  const auto batch = static_cast<std::size_t>(job.plan.global_batch);
  for (std::size_t first = 0; first < result_.samples.size(); first += batch)
    result_.updates.push_back(workload::packed(job.plan, std::span(result_.samples).subspan(first, batch)));
  memory_ = job.memory(job.plan);
  const auto all = workload::packed(job.plan, result_.samples);
  const bool preferences = job.algorithm == scenario::Algorithm::dpo;
  if (job.reward_model) add_pass(Phase::reward_model, *layout_.reward, *job.reward_model, all, true);
  if (job.old_log_probs && !preferences) add_pass(Phase::old_log_probs, layout_.actor, job.model, all, true);
  if (job.reference) add_pass(Phase::reference_log_probs, layout_.actor, job.model, all, true);
  if (job.critic) {
    add_pass(Phase::values, *layout_.critic, *job.critic, all, true);
    add_updates(Phase::critic_update, *layout_.critic, *job.critic);
  }
  add_updates(Phase::actor_update, layout_.actor, job.model);
  if (job.rollout) build_rollout();
}

void ReinforcementJob::add_pass(Phase phase, const TrainingLayout& layout, const workload::Transformer& model,
                                const workload::TrainingPlan& plan, bool forward_only) {
  Pass& pass = passes_.emplace_back(Pass{phase, training_of(job_, model, plan, forward_only)});
  pass.job.emplace(bound_, pass.work, layout, traffic_, engine_, fabric_, options_);
}

void ReinforcementJob::add_updates(Phase phase, const TrainingLayout& layout, const workload::Transformer& model) {
  for (std::int64_t epoch = 0; epoch < job_.epochs; ++epoch)
    for (const auto& plan : result_.updates) add_pass(phase, layout, model, plan, false);
}

void ReinforcementJob::build_rollout() {
  auto samples = job_.one_step_off
                     ? workload::draw_samples(job_.samples, job_.plan.sequence_length, options_.seed ^ mix(next_step))
                     : result_.samples;
  rollout_.emplace(bound_, *job_.rollout, engine_, options_,
                   workload::requests_of(std::move(samples), job_.rollout->engine.block_tokens));
  rollout_->when_over([this] { generated_.raise(); });
}

Process ReinforcementJob::run() {
  if (job_.one_step_off) {
    Process next = generate();
    co_await learn();
    co_await next.ended();
  } else {
    if (rollout_) co_await generate();
    co_await learn();
  }
  if (rollout_) co_await synchronize();
  co_await wait(Phase::offload, memory_.offloaded(job_.offload) / job_.host_link);
  result_.step = now();
}

Process ReinforcementJob::generate() {
  const Seconds start = now();
  rollout_->begin();
  co_await generated_;
  record(Phase::rollout, start);
}

Process ReinforcementJob::learn() {
  co_await wait(Phase::load, memory_.loaded(job_.offload) / job_.host_link);
  co_await wait(Phase::reward, job_.reward_time);
  for (Pass& pass : passes_) {
    const Seconds start = now();
    co_await pass.job->run();
    record(pass.phase, start);
  }
}

/// All groups at once; then every GPU of the rollout copies its slice to where the engine has it.
Process ReinforcementJob::synchronize() {
  const Seconds start = now();
  std::set<std::uint32_t> classes;
  for (const std::uint32_t group : layout_.sync->groups) classes.insert(fabric_.group_class(group));
  std::deque<Process> moves;
  for (const std::uint32_t group_class : classes) moves.push_back(move(group_class));
  for (const Process& one : moves) co_await one.ended();
  Signal copied;
  const auto copy = bound_.device.memory_bound(2 * layout_.sync->slice);
  engine_.after(copy.time, [&copied] { copied.raise(); });
  co_await copied;
  result_.sync_bytes = layout_.sync->bytes;
  record(Phase::weight_sync, start);
}

Process ReinforcementJob::move(std::uint32_t group_class) {
  Signal moved;
  fabric_.start(group_class, static_cast<double>(layout_.sync->unit.value()), fabric_.path_latency(group_class).whole,
                [&moved] { moved.raise(); });
  co_await moved;
}

Process ReinforcementJob::wait(Phase phase, Seconds time) {
  if (time <= Seconds(0)) co_return;
  const Seconds start = now();
  Signal passed;
  engine_.after(time, [&passed] { passed.raise(); });
  co_await passed;
  record(phase, start);
}

void ReinforcementJob::record(Phase phase, Seconds start) { result_.phases.push_back({phase, start, now()}); }

Advance ReinforcementJob::advance() const {
  Advance sum = rollout_ ? rollout_->advance() : Advance{};
  for (const Pass& pass : passes_) {
    const Advance one = pass.job->advance();
    sum = {sum.done + one.done, sum.of + one.of};
  }
  return sum;
}

ReinforcementResult ReinforcementJob::result() {
  if (rollout_) {
    result_.rollout = rollout_->result();
    result_.footing = result_.rollout->footing;
  }
  std::int64_t messages = 0;
  for (Pass& pass : passes_) {
    TrainingResult made = pass.job->result();
    number_messages(made.ranks, messages);
    result_.footing = calibration::weaker(result_.footing, made.footing);
    add_ranks(result_.ranks, std::move(made.ranks));
  }
  if (!main_.done()) throw SimulationFailed(fmt::format("job \"{}\" never got its weights to the rollout", job_.name));
  return std::move(result_);
}

}  // namespace plenum::datacenter
