#include "sim/datacenter/serving/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "workloads/serving/request_specification.hpp"

namespace plenum::datacenter {

Deployment::Deployment(const scenario::Bound& bound, const scenario::BoundServing& job, engine::Engine& engine,
                       const Options& options)
    : bound_(bound), job_(job), engine_(engine) {
  Issues issues;
  stream_ = workload::make_requests(job.requests, options.seed, job.folder, issues);
  if (!stream_) throw SimulationFailed("the list of requests of \"" + job.name + "\" can't be opened any more");
  result_.job = job.name;
  if (job.requests.count > 0)
    result_.requests.reserve(static_cast<std::size_t>(std::min<std::int64_t>(job.requests.count, 1 << 24)));
  const auto on_done = [this](std::uint64_t request) { done(request); };
  const auto on_first = [this](std::uint64_t request) { first_token(request); };
  build(decode_, job.pool, {on_first, on_done}, options.seed);
  if (!job.prefill) return;
  build(prefill_, *job.prefill, {on_first, [this](std::uint64_t request) { read(request); }}, options.seed);
  transfer_.emplace(bound, job, engine);
}

void Deployment::build(Fleet& fleet, const scenario::Pool& pool, Replica::Observer observer, std::uint64_t seed) {
  fleet.prices.emplace(job_.model, pool.plan, job_.engine, bound_.device, bound_.specification.node);
  fleet.router = make_router(job_.router, seed);
  for (std::int64_t i = 0; i < pool.replicas; ++i)
    fleet.replicas.push_back(std::make_unique<Replica>(job_, pool, *fleet.prices, engine_, observer));
}

void Deployment::begin() {
  if (job_.requests.concurrency == 0) return schedule_next_arrival();
  for (std::int64_t i = 0; i < job_.requests.concurrency; ++i) enter_next();
}

void Deployment::schedule_next_arrival() {
  const auto request = stream_->next();
  if (!request) {
    result_.waiting_at_last_arrival = in_house();
    return;
  }
  const Seconds delay = request->arrival - engine_.now();
  engine_.after(std::max(delay, Seconds(0)), [this, request] {
    enter(*request);
    schedule_next_arrival();
  });
}

void Deployment::enter_next() {
  if (const auto request = stream_->next()) enter(*request);
}

void Deployment::enter(const workload::Request& request) {
  const std::uint64_t id = result_.requests.size();
  result_.requests.push_back({engine_.now(), {}, {}, request.prompt, request.output});
  const bool fits = request.prompt + request.output <= job_.model.context &&
                    decode_.replicas.front()->fits(request.prompt, request.output) &&
                    front().replicas.front()->fits(request.prompt, 1);
  if (!fits) {
    if (job_.requests.concurrency > 0) engine_.after(Seconds(0), [this] { enter_next(); });
    return;
  }
  ++entered_;
  const Seconds host = job_.engine.request_host + static_cast<double>(request.prompt) * job_.engine.prompt_token_host;
  if (host.value() > 0)
    engine_.after(host, [this, id] { hand_in(id); });
  else
    hand_in(id);
}

void Deployment::hand_in(std::uint64_t id) {
  const RequestRecord& request = result_.requests[id];
  if (!transfer_) return decode_.router->choose(decode_.replicas).submit(id, request.prompt, request.output, 0);
  Replica& replica = prefill_.router->choose(prefill_.replicas);
  const auto place = std::ranges::find_if(prefill_.replicas, [&](const auto& p) { return p.get() == &replica; });
  prefilled_by_.resize(result_.requests.size());
  prefilled_by_[id] = static_cast<std::uint32_t>(place - prefill_.replicas.begin());
  replica.submit(id, request.prompt, 1, 0);
}

void Deployment::first_token(std::uint64_t id) {
  Seconds& time = result_.requests[id].first_token;
  if (time.value() == 0) time = engine_.now();
}

void Deployment::read(std::uint64_t id) {
  const RequestRecord& request = result_.requests[id];
  if (request.output == 1) return done(id);
  Replica& replica = decode_.router->choose(decode_.replicas);
  const auto place = std::ranges::find_if(decode_.replicas, [&](const auto& p) { return p.get() == &replica; });
  transfer_->start(prefilled_by_[id], static_cast<std::size_t>(place - decode_.replicas.begin()), request.prompt,
                   [this, id, &replica] {
                     const RequestRecord& r = result_.requests[id];
                     replica.submit(id, r.prompt, r.output - 1, r.prompt);
                   });
}

void Deployment::done(std::uint64_t id) {
  result_.requests[id].done = engine_.now();
  ++left_;
  if (job_.requests.concurrency > 0) enter_next();
}

ServingResult Deployment::result() {
  if (in_house() != 0)
    throw SimulationFailed(fmt::format("{} requests of \"{}\" were never finished", in_house(), job_.name));
  for (const auto& replica : decode_.replicas) {
    replica->report(result_.pool);
    result_.intervals.add(replica->intervals());
  }
  for (const auto& replica : prefill_.replicas) replica->report(result_.prefill);
  for (const auto& request : result_.requests) result_.end = std::max(result_.end, request.done);
  result_.footing = decode_.prices->footing();
  if (prefill_.prices) result_.footing = calibration::weaker(result_.footing, prefill_.prices->footing());
  return std::move(result_);
}

}  // namespace plenum::datacenter
