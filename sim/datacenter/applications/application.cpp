#include "sim/datacenter/applications/application.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenum::datacenter {
namespace {

using scenario::ApplicationStage;
using scenario::Reads;

/// Of caches: whole KV blocks, not too many for long contexts.
std::int64_t cached_block(std::int64_t kv_block) {
  constexpr std::int64_t enough = 32;
  return (enough + kv_block - 1) / kv_block * kv_block;
}

std::int32_t as_tokens(std::int64_t tokens) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(tokens, 1, workload::most_tokens));
}

}  // namespace

Application::Application(const scenario::BoundApplication& job, std::deque<Deployment>& deployments,
                         engine::Engine& engine, const Options& options)
    : job_(job),
      deployments_(deployments),
      engine_(engine),
      seed_(mix(options.seed) ^ hash_of(job.name)),
      last_writer_(job.last_writer()) {
  Issues issues;
  auto stream = workload::make_requests(job.requests, options.seed, job.folder, issues);
  if (!stream) throw SimulationFailed("the list of requests of \"" + job.name + "\" can't be opened any more");
  arrivals_.emplace(engine, std::move(stream), Arrivals::Loop{job.requests.concurrency, job.requests.barrier_after},
                    [this](workload::Request request) { enter(std::move(request)); });
  for (const ApplicationStage& stage : job.stages) {
    services_.emplace_back();
    if (stage.service) services_.back().emplace(*stage.service, engine);
    if (stage.search) services_.back().emplace(*stage.search, engine);
  }
  result_.job = job.name;
  result_.stages.resize(job.stages.size());
  tell_servers(&Deployment::expect_visitors);
}

void Application::tell_servers(void (Deployment::*what)()) {
  for (std::size_t stage = 0; stage < job_.stages.size(); ++stage)
    if (!job_.stages[stage].served_by.empty()) (server(stage).*what)();
}

void Application::begin() {
  arrivals_->begin();
  tell_when_over();
}

Advance Application::advance() const {
  const auto left = result_.requests.size() - underway_.size();
  return {left, std::max(left, static_cast<std::size_t>(job_.requests.count))};
}

/// A turn's prompt holds all that was said before it; what is new is the rest.
Application::Session Application::session_of(const workload::Request& request) {
  const auto known = sessions_.find(request.session);
  Session session;
  if (request.session != 0 && known != sessions_.end())
    session = known->second;
  else
    session.key = mix(seed_ + result_.requests.size()) | 1;
  return session;
}

void Application::enter(workload::Request request) {
  const Id id = result_.requests.size();
  Journey journey{.request = std::move(request), .random = {mix(seed_) + id, "application"}, .session = {}};
  journey.session = session_of(journey.request);
  const bool follows = journey.request.session != 0 && sessions_.contains(journey.request.session);
  const std::int64_t query = std::max<std::int64_t>(1, journey.request.prompt - journey.session.stream);
  journey.session.context += query;
  journey.calls.resize(job_.stages.size());
  for (const auto& loop : job_.loops) journey.rounds.push_back(draw(loop.rounds, journey.random));
  result_.requests.push_back({.arrival = engine_.now(),
                              .first_token = {},
                              .done = {},
                              .query = as_tokens(query),
                              .answer = 0,
                              .follows = follows});
  result_.waited.resize(result_.waited.size() + job_.stages.size());
  underway_.emplace(id, std::move(journey));
  begin_step(id, 0);
}

void Application::begin_step(Id id, std::size_t step) {
  Journey& journey = underway_.at(id);
  journey.step = step;
  journey.step_began = engine_.now();
  const std::size_t first = job_.steps[step], end = job_.steps[step + 1];
  journey.open = static_cast<std::int32_t>(end - first);
  for (std::size_t stage = first; stage < end; ++stage) begin_stage(id, stage);
}

void Application::begin_stage(Id id, std::size_t stage) {
  Journey& journey = underway_.at(id);
  const ApplicationStage& what = job_.stages[stage];
  if (what.share < 1 && journey.random.uniform() >= what.share) {
    engine_.after(Seconds(0), [this, id, stage] { close_stage(id, stage); });
    return;
  }
  if (services_[stage]) return services_[stage]->pass(journey.random, [this, id, stage] { finish_stage(id, stage); });
  journey.calls[stage] = what.calls ? draw(*what.calls, journey.random) : 1;
  for (std::int32_t i = journey.calls[stage]; i > 0; --i)
    server(stage).visit(request_for(id, stage),
                        [this, id, stage](const RequestRecord& record) { called(id, stage, record); });
}

workload::Request Application::request_for(Id id, std::size_t stage) {
  Journey& journey = underway_.at(id);
  const ApplicationRecord& record = result_.requests[id];
  const ApplicationStage& what = job_.stages[stage];
  const bool pools = server(stage).job().pools;
  const std::int64_t read = what.reads == Reads::query    ? record.query
                            : what.reads == Reads::answer ? record.answer
                                                          : journey.session.context;
  const std::int64_t document = what.document ? draw(*what.document, journey.random) : 0;
  workload::Request request{.prompt = as_tokens(what.instructions + read + document)};
  if (!pools) request.output = what.output ? draw(*what.output, journey.random) : journey.request.output;
  const bool whole = what.reads == Reads::context && document == 0;
  request.prefix = prefix_of(journey, stage, whole ? request.prompt + request.output : what.instructions);
  if (what.reads == Reads::context) request.session = journey.session.key;
  request.more = more_to_come(journey);
  return request;
}

/// Blocks of a stage's instructions are the same for everybody, those behind them belong to the session; stages without
/// instructions of their own read the same blocks.
std::shared_ptr<const workload::Prefix> Application::prefix_of(const Journey& journey, std::size_t stage,
                                                               std::int64_t tokens) const {
  const std::int64_t block = cached_block(server(stage).job().engine.block_tokens), count = tokens / block;
  if (count == 0) return nullptr;
  const std::int64_t instructions = job_.stages[stage].instructions / block;
  const std::uint64_t common = instructions > 0 ? mix(seed_ + stage + 1) : 0;
  workload::Prefix prefix{
      .block_tokens = static_cast<std::int32_t>(block), .tokens = static_cast<std::int32_t>(count * block), .ids = {}};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t owner = i < instructions ? common : mix(journey.session.key ^ common);
    prefix.ids.push_back(mix(owner + static_cast<std::uint64_t>(i)));
  }
  return std::make_shared<workload::Prefix>(std::move(prefix));
}

/// The session's cache will be asked for again.
bool Application::more_to_come(const Journey& journey) const {
  if (journey.request.then || (last_writer_ && journey.step < *last_writer_)) return true;
  for (std::size_t i = 0; i < job_.loops.size(); ++i)
    if (journey.step >= job_.loops[i].first && journey.step <= job_.loops[i].last && journey.rounds[i] > 1) return true;
  return false;
}

void Application::called(Id id, std::size_t stage, const RequestRecord& served) {
  Journey& journey = underway_.at(id);
  ApplicationRecord& record = result_.requests[id];
  const bool tokens = !server(stage).job().pools;
  if (served.refused()) {
    record.ended_by = static_cast<std::int32_t>(stage);
  } else {
    StageCounters& counters = result_.stages[stage];
    ++record.calls;
    ++counters.calls;
    counters.prompt_tokens += served.prompt;
    if (tokens) counters.output_tokens += served.output;
    if (job_.writes[stage]) {
      record.answer = served.output;
      journey.session.context += served.output;
      journey.first_token = std::max(journey.first_token, served.first_token);
    }
  }
  if (--journey.calls[stage] == 0) finish_stage(id, stage);
}

void Application::finish_stage(Id id, std::size_t stage) {
  Journey& journey = underway_.at(id);
  ApplicationRecord& record = result_.requests[id];
  const ApplicationStage& what = job_.stages[stage];
  result_.stages[stage].times.push_back((engine_.now() - journey.step_began).value());
  result_.stages[stage].ends.push_back(engine_.now().value());
  if (!job_.writes[stage]) journey.first_token = engine_.now();
  if (what.adds) journey.session.context += draw(*what.adds, journey.random);
  if (what.blocks > 0 && record.complete() && journey.random.uniform() < what.blocks) {
    record.ended_by = static_cast<std::int32_t>(stage);
    record.blocked = true;
  }
  close_stage(id, stage);
}

void Application::close_stage(Id id, std::size_t stage) {
  Journey& journey = underway_.at(id);
  if (--journey.open > 0) return;
  result_.waited[id * job_.stages.size() + stage] += (engine_.now() - journey.step_began).value();
  const std::size_t next = result_.requests[id].complete() ? next_step(journey) : job_.step_count();
  next < job_.step_count() ? begin_step(id, next) : leave(id);
}

std::size_t Application::next_step(Journey& journey) const {
  for (std::size_t i = 0; i < job_.loops.size(); ++i) {
    const auto& loop = job_.loops[i];
    if (journey.step == loop.first && journey.rounds[i] == 1) return loop.last + 1;
    if (journey.step != loop.last) continue;
    --journey.rounds[i];
    return loop.first;
  }
  return journey.step + 1;
}

void Application::leave(Id id) {
  Journey journey = std::move(underway_.at(id));
  underway_.erase(id);
  ApplicationRecord& record = result_.requests[id];
  record.done = engine_.now();
  record.first_token = record.complete() ? journey.first_token : record.done;
  record.context = journey.session.context;
  const workload::Request& request = journey.request;
  journey.session.stream = std::int64_t{request.prompt} + request.output;
  if (request.then)
    sessions_[request.session] = journey.session;
  else
    sessions_.erase(request.session);
  arrivals_->left(request.then);
  tell_when_over();
}

void Application::tell_when_over() {
  if (arrivals_->over() && underway_.empty()) tell_servers(&Deployment::expect_no_visitors);
}

ApplicationResult Application::result() {
  if (!underway_.empty())
    throw SimulationFailed(fmt::format("{} requests of \"{}\" were never finished", underway_.size(), job_.name));
  for (const auto& record : result_.requests) result_.end = std::max(result_.end, record.done);
  return std::move(result_);
}

}  // namespace plenum::datacenter
