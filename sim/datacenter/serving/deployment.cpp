#include "sim/datacenter/serving/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "workloads/serving/request_specification.hpp"
#include "workloads/serving/serving_memory.hpp"

namespace plenum::datacenter {

Deployment::Deployment(const scenario::Bound& bound, const scenario::BoundServing& job, engine::Engine& engine,
                       const Options& options, std::unique_ptr<workload::RequestStream> requests)
    : bound_(bound),
      job_(job),
      engine_(engine),
      timeline_(
          engine, [this] { return sample(); }, [this] { return over(); }),
      classes_(options.seed, "service classes"),
      applications_(options.seed, "adapters") {
  Issues issues;
  if (!requests) requests = workload::make_requests(job.requests, options.seed, job.folder, issues);
  if (!requests) throw SimulationFailed("the list of requests of \"" + job.name + "\" can't be opened any more");
  arrivals_.emplace(engine, std::move(requests), Arrivals::Loop{job.requests.concurrency, job.requests.barrier_after},
                    [this](workload::Request request) { enter(std::move(request)); });
  result_.job = job.name;
  if (job.requests.count > 0)
    result_.requests.reserve(static_cast<std::size_t>(std::min<std::int64_t>(job.requests.count, 1 << 24)));
  if (const auto& adapters = job.options.adapters) adapters_.emplace(adapters->count, adapters->popularity);
  const auto on_done = [this](std::uint64_t request) { done(request); };
  const auto on_first = [this](std::uint64_t request) { first_token(request); };
  // Decode replicas that get their KV caches from prefill replicas find no prompts to keep.
  build(decode_, job.pool, {on_first, on_done}, job.prefill ? scenario::PrefixCaching{} : job.options.prefix_caching,
        options.seed);
  if (const auto& scaling = job.options.autoscaling)
    autoscaler_.emplace(*scaling, workload::weight_bytes(job.model, job.pool.plan), engine,
                        Autoscaler::Fleet{.most = job.pool.replicas,
                                          .in_house = [this] { return in_house(); },
                                          .draining =
                                              [this](std::int64_t from) {
                                                return std::ranges::count_if(
                                                    decode_.tokens_ahead.begin() + from, decode_.tokens_ahead.end(),
                                                    [](std::int64_t tokens) { return tokens > 0; });
                                              },
                                          .over = [this] { return over(); }});
  if (!job.prefill) return;
  const auto on_read = [this](std::uint64_t request) { read(request); };
  // Users are connected to the decode replica: they get the prompt's token when that one has taken the request in.
  build(prefill_, *job.prefill, {[](std::uint64_t) {}, on_read}, job.options.prefix_caching, options.seed);
  transfer_.emplace(bound, job, engine);
}

void Deployment::build(Fleet& fleet, const scenario::Pool& pool, Replica::Observer observer,
                       const scenario::PrefixCaching& caching, std::uint64_t seed) {
  const calibration::Device& device = pool.device ? *pool.device : bound_.device;
  fleet.prices.emplace(job_.model, pool.plan, job_.engine, device, bound_.specification.node, job_.pools);
  fleet.extras = make_extras(job_, pool, device, bound_.specification.node);
  fleet.router = make_router(job_.router, seed);
  const Bytes per_token = workload::kv_bytes_per_token(job_.model, pool.plan);
  fleet.tokens_ahead.resize(static_cast<std::size_t>(pool.replicas));
  fleet.front_ends.resize(static_cast<std::size_t>(pool.replicas));
  const Replica::Parts parts{*fleet.prices, fleet.extras.get(), observer, fleet.tokens_ahead, seed};
  for (auto& tiers : make_tiers(caching, per_token, pool.replicas, engine_)) {
    const std::size_t index = fleet.replicas.size();
    const auto first_gpu = pool.first_gpu + static_cast<std::int64_t>(index) * pool.plan.gpus();
    const Replica::Place place{index, bound_.slowdown(first_gpu, pool.plan.gpus())};
    fleet.replicas.push_back(std::make_unique<Replica>(job_, pool, engine_, parts, place, std::move(tiers)));
  }
}

void Deployment::begin() {
  timeline_.begin();
  if (autoscaler_) autoscaler_->begin();
  arrivals_->begin();
}

void Deployment::expect_no_visitors() {
  --visitors_;
  if (when_over_ && over()) engine_.after(Seconds(0), when_over_);
}

/// A block more than without a prefix: where a cached one is cut short, the rest begins a new one.
bool Deployment::fits(const workload::Request& request) const {
  const std::int64_t drafted = job_.options.speculation ? job_.options.speculation->tokens : 0;
  const std::int64_t more = (request.prefix ? job_.engine.block_tokens : 0) + drafted;
  const std::int64_t written = job_.pools ? 0 : request.output;
  return request.prompt + written <= job_.model.context &&
         decode_.replicas.front()->fits(request.prompt + more, request.output) &&
         (prefill_.replicas.empty() || prefill_.replicas.front()->fits(request.prompt + more, 1));
}

std::uint16_t Deployment::draw_class() {
  const auto& classes = job_.options.classes;
  double sum = 0;
  for (const auto& each : classes) sum += each.share;
  double left = classes.size() > 1 ? classes_.uniform() * sum : 0;
  std::uint16_t index = 0;
  while (index + 1u < classes.size() && left >= classes[index].share) left -= classes[index++].share;
  return index;
}

void Deployment::enter(workload::Request request, Left left) {
  const std::uint64_t id = result_.requests.size();
  if (job_.pools) request.output = 1;  // the pass that gives the vector
  if (!job_.options.prefix_caching.enabled) request.prefix.reset();
  const std::uint16_t service_class = draw_class();
  result_.requests.push_back({engine_.now(), {}, {}, request.prompt, request.output, service_class});
  const bool good = fits(request);
  if (good) {
    outputs_ += request.output;
    squared_outputs_ += double(request.output) * double(request.output);
  }
  underway_[id] = {.request = std::move(request),
                   .service_class = service_class,
                   .adapter = adapters_ ? adapters_->draw(applications_) : -1};
  if (left) hears_of_end_[id] = std::move(left);
  if (!good || !route(id)) engine_.after(Seconds(0), [this, id] { leave(id); });
}

Seconds Deployment::pass_front_end(Fleet& fleet, std::size_t place) {
  if (&fleet == &decode_) pass_tokens(static_cast<std::uint32_t>(place));
  return fleet.front_ends[place].take_in(engine_.now(), job_.engine.front_end);
}

/// SGLang's messages take longer the more their request got so far (it copies that, until sgl-project/sglang #22567):
/// half of its output on average, and long outputs have more messages.
Seconds Deployment::message() const {
  const double before = outputs_ > 0 ? squared_outputs_ / (2 * outputs_) : 0;
  return job_.engine.token_front_end + before * job_.engine.token_copy;
}

Seconds Deployment::pass_tokens(std::optional<std::uint32_t> place) {
  const Seconds each = message() / static_cast<double>(job_.engine.stream_interval);
  if (each.value() == 0 || !place) return Seconds(0);
  return decode_.front_ends[*place].stream(engine_.now(), decode_.replicas[*place]->given_tokens(), each);
}

bool Deployment::route(std::uint64_t id) {
  Underway& underway = underway_.at(id);
  const Choice among = transfer_ ? prefill_.first(prefill_.replicas.size()) : serving();
  const std::size_t place = entry().router->choose(among, underway.request);
  if (turns_away(among.tokens_ahead[place], underway)) {
    result_.requests[id].turned_away = true;
    return false;
  }
  underway.entered_at = static_cast<std::uint32_t>(place);
  if (!transfer_) underway.decoded_at = underway.entered_at;
  among.replicas[place]->expect(entry_order(id).expected);
  const Seconds host = pass_front_end(entry(), place) + job_.engine.request_host +
                       static_cast<double>(underway.request.prompt) * job_.engine.prompt_token_host;
  if (host.value() > 0)
    engine_.after(host, [this, id] { hand_in(id); });
  else
    hand_in(id);
  return true;
}

void Deployment::hand_in(std::uint64_t id) { entry().replicas[underway_.at(id).entered_at]->submit(entry_order(id)); }

Replica::Order Deployment::order(std::uint64_t id) const {
  const Underway& underway = underway_.at(id);
  const workload::Request& request = underway.request;
  const auto& classes = job_.options.classes;
  return {.request = id,
          .prompt = request.prompt,
          .output = request.output,
          .read = 0,
          .prefix = request.prefix,
          .priority = classes.empty() ? 0 : classes[underway.service_class].priority,
          .adapter = underway.adapter};
}

Replica::Order Deployment::entry_order(std::uint64_t id) const {
  Replica::Order order = this->order(id);
  if (transfer_) order.output = 1;
  order.expected = order.prompt + order.output;
  return order;
}

Choice Deployment::serving() const {
  const auto count = autoscaler_ ? static_cast<std::size_t>(autoscaler_->serving()) : decode_.replicas.size();
  return decode_.first(count);
}

bool Deployment::turns_away(std::int64_t tokens_ahead, const Underway& underway) const {
  const auto& classes = job_.options.classes;
  const std::int64_t most = classes.empty() ? 0 : classes[underway.service_class].most_tokens_ahead;
  return most > 0 && tokens_ahead > most;
}

void Deployment::first_token(std::uint64_t id) {
  Seconds& time = result_.requests[id].first_token;
  if (time.value() == 0) time = engine_.now() + pass_tokens(underway_.at(id).decoded_at);
}

void Deployment::read(std::uint64_t id) {
  if (underway_.at(id).request.output == 1) {
    first_token(id);
    return done(id);
  }
  if (job_.engine.handover.value() > 0)
    engine_.after(job_.engine.handover, [this, id] { hand_over(id); });
  else
    hand_over(id);
}

void Deployment::hand_over(std::uint64_t id) {
  Underway& underway = underway_.at(id);
  const workload::Request& request = underway.request;
  const std::size_t place = decode_.router->choose(serving(), request);
  underway.decoded_at = static_cast<std::uint32_t>(place);
  decode_.replicas[place]->expect(request.output - 1);
  // The decode replica's own front end takes the request in while the cache moves.
  const Seconds known = engine_.now() + pass_front_end(decode_, place);
  transfer_->start(underway.entered_at, place, request.prompt, [this, id, place, known] {
    if (known <= engine_.now()) return take_over(id, place);
    engine_.after(known - engine_.now(), [this, id, place] { take_over(id, place); });
  });
}

void Deployment::take_over(std::uint64_t id, std::size_t place) {
  Replica::Order order = this->order(id);
  order.output -= 1;
  order.expected = order.output;
  order.read = order.prompt;
  order.prefix.reset();
  decode_.replicas[place]->submit(std::move(order));
}

void Deployment::done(std::uint64_t id) {
  const Seconds behind = pass_tokens(underway_.at(id).decoded_at);
  result_.requests[id].done = engine_.now() + behind;
  if (behind.value() == 0) return leave(id);
  engine_.after(behind, [this, id] { leave(id); });
}

void Deployment::leave(std::uint64_t id) {
  const auto then = std::move(underway_.at(id).request.then);
  underway_.erase(id);
  if (const auto visitor = hears_of_end_.extract(id))
    visitor.mapped()(RequestRecord(result_.requests[id]));  // more may come meanwhile
  else
    arrivals_->left(then);
  if (when_over_ && over()) engine_.after(Seconds(0), when_over_);
}

FleetSample Deployment::sample() const {
  FleetSample sample{.time = engine_.now(), .replicas = static_cast<std::int64_t>(serving().replicas.size())};
  for (const auto& replica : decode_.replicas) {
    sample.waiting += replica->waiting();
    sample.running += replica->running();
    sample.kv_use += replica->kv_use() / static_cast<double>(decode_.replicas.size());
  }
  for (const auto& replica : prefill_.replicas) sample.waiting += replica->in_house();
  return sample;
}

/// Exactly, in every run: what users got is what they asked for, and what lies in the caches at the end was computed.
void Deployment::check_tokens() const {
  std::int64_t outputs = 0, kept = 0;
  for (const auto& request : result_.requests) {
    if (request.refused()) continue;
    outputs += request.output;
    kept += request.prompt + request.output - 1;
    if (transfer_ && request.output > 1) kept += request.prompt;
  }
  if (result_.pool.given_tokens + result_.prefill.given_tokens != outputs ||
      result_.pool.kept_tokens + result_.prefill.kept_tokens != kept)
    throw std::logic_error("tokens were lost or given twice");
}

double Deployment::gpu_seconds() const {
  const auto gpus = static_cast<double>(job_.gpus()), each = static_cast<double>(job_.pool.plan.gpus());
  const double all = gpus * result_.end.value();
  if (!autoscaler_) return all;
  return all - each * (static_cast<double>(job_.pool.replicas) * result_.end.value() - autoscaler_->replica_seconds());
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
  check_tokens();
  result_.footing = decode_.prices->footing();
  if (prefill_.prices) result_.footing = calibration::weaker(result_.footing, prefill_.prices->footing());
  result_.gpu_seconds = gpu_seconds();
  result_.timeline = std::move(timeline_).samples();
  return std::move(result_);
}

}  // namespace plenum::datacenter
