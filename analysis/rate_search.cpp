#include "analysis/rate_search.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/forked.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t fewest_requests = 2000;  // for a 99th percentile of twenty requests
constexpr double precision = 1.02;              // the highest rate is found to two percent
constexpr double highest_rate = 1e6;
constexpr std::int64_t most_replicas = 4096;
constexpr std::int64_t most_tries = 32;  // of numbers of replicas: each one more may help a little less

Json packed(const ServingMetrics& m, const std::vector<Objective>& objectives, std::int64_t replicas) {
  Json json{{"holds", holds(objectives, m)},
            {"gpus", m.gpus},
            {"replicas", replicas},
            {"per_gpu", m.output_tokens_per_second_per_gpu},
            {"per_user", m.output_tokens_per_second_per_user},
            {"values", Json::array()},
            {"costs", Json::array()}};
  for (const auto& objective : objectives) json["values"].push_back(value_of(objective, m).value());
  for (const auto& cost : m.costs)
    json["costs"].push_back({cost.basis, cost.per_million_tokens.value(), cost.per_million_output_tokens.value()});
  return json;
}

CapacityPoint unpacked(const std::string& text, double per_second) {
  const auto json = Json::parse(text);
  CapacityPoint point{.per_second = per_second,
                      .replicas = json["replicas"],
                      .gpus = json["gpus"],
                      .holds = json["holds"],
                      .output_tokens_per_second_per_gpu = json["per_gpu"],
                      .output_tokens_per_second_per_user = json["per_user"]};
  for (const double value : json["values"]) point.values.emplace_back(value);
  for (const auto& cost : json["costs"]) point.costs.push_back({cost[0], Dollars(cost[1]), Dollars(cost[2])});
  return point;
}

}  // namespace

RateSearch::RateSearch(scenario::Loaded loaded, const std::vector<Objective>& objectives, Issues& issues)
    : loaded_(std::move(loaded)), objectives_(objectives), issues_(issues) {
  auto& job = serving();
  job.requests.concurrency = job.requests.barrier_after = 0;
  if (job.requests.per_second <= 0) job.requests.per_second = 1;  // until a rate is tried
  job.requests.count = std::max(job.requests.count, fewest_requests);
  if (job.prefill)
    prefill_per_replica_ =
        static_cast<double>(job.prefill->replicas) / static_cast<double>(std::max<std::int64_t>(1, job.replicas));
}

void RateSearch::set_plan(const workload::ServingPlan& plan) { serving().plan = plan; }

std::int64_t RateSearch::prefill_replicas(std::int64_t replicas) const {
  return std::max<std::int64_t>(1, std::llround(prefill_per_replica_ * static_cast<double>(replicas)));
}

std::int64_t RateSearch::gpus_of(std::int64_t replicas) {
  const auto& job = serving();
  const std::int64_t prefill = job.prefill ? prefill_replicas(replicas) * job.prefill->plan.gpus() : 0;
  return replicas * job.plan.gpus() + prefill;
}

void RateSearch::resize(std::int64_t replicas) {
  auto& job = serving();
  auto& cluster = loaded_.scenario.cluster;
  job.replicas = replicas;
  job.gpus = 0;
  const std::int64_t gpus = gpus_of(replicas);
  if (job.prefill) job.prefill->replicas = prefill_replicas(replicas);
  cluster.nodes = std::max<std::int64_t>(1, (gpus + cluster.node.gpus - 1) / cluster.node.gpus);
}

std::string RateSearch::refusal() const {
  Issues found;
  return bound(found) ? "" : found.all().front().message;
}

CapacityPoint RateSearch::at(double per_second) {
  serving().requests.per_second = per_second;
  const auto answer = run_forked(
      1, [this](std::size_t) { return simulate(); }, [](std::size_t, std::size_t) {}, {});
  if (answer.front().failure.empty()) return unpacked(answer.front().output, per_second);
  issues_.error({}, "", "a simulation of the search failed: " + answer.front().failure);
  return {.per_second = per_second};
}

CapacityPoint RateSearch::within(double per_second, std::int64_t gpus) {
  std::int64_t replicas = gpus / serving().plan.gpus();
  while (replicas > 0 && gpus_of(replicas) > gpus) --replicas;
  if (replicas == 0) return {};
  resize(replicas);
  return at(per_second);
}

/// Doubles, then halves the interval in the logarithm.
void RateSearch::find_highest(PlanCapacity& plan) {
  double low = 0, high = 0, rate = 1.0 / 16;
  while (high == 0 && !issues_.has_errors() && rate < highest_rate) {
    (tried(plan, rate) ? low : high) = rate;
    rate *= 2;
  }
  while (low > 0 && high / low > precision && !issues_.has_errors()) {
    const double middle = std::sqrt(low * high);
    (tried(plan, middle) ? low : high) = middle;
  }
  plan.highest = low;
  std::ranges::sort(plan.points, {}, &CapacityPoint::per_second);
}

/// One less than the capacity of one replica says is tried first: many even out what comes.
CapacityPoint RateSearch::sized_for(double per_second, double highest_of_one) {
  const auto expected = static_cast<std::int64_t>(std::ceil(per_second / highest_of_one));
  const std::int64_t first = std::max<std::int64_t>(1, expected - 1);
  for (std::int64_t replicas = first; replicas <= std::min(most_replicas, first + most_tries); ++replicas) {
    resize(replicas);
    if (auto point = at(per_second); point.holds || issues_.has_errors()) return point;
  }
  return {};
}

bool RateSearch::tried(PlanCapacity& plan, double rate) {
  plan.points.push_back(at(rate));
  return plan.points.back().holds;
}

std::string RateSearch::simulate() const {
  Issues found;
  const auto bound = scenario::bind(loaded_, found);
  if (!bound) throw std::runtime_error(to_string(found.all().front()));
  const auto result = datacenter::simulate(*bound, {});
  const auto& job = bound->serving.front();
  return packed(measure(*bound, job, result.serving.front()), objectives_, job.pool.replicas).dump();
}

}  // namespace plenum::analysis
