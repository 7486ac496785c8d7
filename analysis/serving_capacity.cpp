#include "analysis/serving_capacity.hpp"

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
constexpr std::int64_t most_replicas = 4096;

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
                      .values = {},
                      .output_tokens_per_second_per_gpu = json["per_gpu"],
                      .output_tokens_per_second_per_user = json["per_user"],
                      .costs = {}};
  for (const double value : json["values"]) point.values.emplace_back(value);
  for (const auto& cost : json["costs"]) point.costs.push_back({cost[0], Dollars(cost[1]), Dollars(cost[2])});
  return point;
}

class Search {
 public:
  Search(scenario::Loaded loaded, std::size_t job, const std::vector<Objective>& objectives, Issues& issues)
      : loaded_(std::move(loaded)), job_(job), objectives_(objectives), issues_(issues) {
    auto& requests = serving().requests;
    requests.concurrency = 0;
    requests.count = std::max(requests.count, fewest_requests);
  }

  scenario::ServingJob& serving() { return *loaded_.scenario.jobs[job_].serving; }

  CapacityPoint at(double per_second) {
    serving().requests.per_second = per_second;
    const auto answer = run_forked(
        1, [this](std::size_t) { return simulate(); }, [](std::size_t, std::size_t) {}, {});
    if (answer.front().failure.empty()) return unpacked(answer.front().output, per_second);
    issues_.error({}, "", "a simulation of the search failed: " + answer.front().failure);
    return {.per_second = per_second};
  }

  /// Doubles, then halves the interval in the logarithm.
  void highest(Capacity& capacity) {
    double low = 0, high = 0, rate = 1.0 / 16;
    while (high == 0 && !issues_.has_errors()) {
      const bool good = tried(capacity, rate);
      (good ? low : high) = rate;
      if (good && rate > 1e6) return;
      rate *= 2;
    }
    while (low > 0 && high / low > precision && !issues_.has_errors()) {
      const double middle = std::sqrt(low * high);
      (tried(capacity, middle) ? low : high) = middle;
    }
    capacity.highest = low;
    std::ranges::sort(capacity.points, {}, &CapacityPoint::per_second);
  }

  /// As many replicas as the capacity of those here says, then more until it holds.
  CapacityPoint sized_for(double per_second, double highest, std::int64_t replicas) {
    auto needed = static_cast<std::int64_t>(std::ceil(per_second / (highest / static_cast<double>(replicas))));
    for (needed = std::max<std::int64_t>(1, needed - 1); needed <= most_replicas; ++needed) {
      resize(needed);
      if (auto point = at(per_second); point.holds || issues_.has_errors()) return point;
    }
    return {};
  }

 private:
  bool tried(Capacity& capacity, double rate) {
    capacity.points.push_back(at(rate));
    return capacity.points.back().holds;
  }

  void resize(std::int64_t replicas) {
    auto& cluster = loaded_.scenario.cluster;
    serving().replicas = replicas;
    serving().gpus = 0;
    const std::int64_t gpus = replicas * serving().plan.gpus();
    const std::int64_t nodes = (gpus + cluster.node.gpus - 1) / cluster.node.gpus;
    cluster.nodes = std::max<std::int64_t>(nodes, 1);
  }

  std::string simulate() {
    Issues found;
    const auto bound = scenario::bind(loaded_, found);
    if (!bound) throw std::runtime_error(to_string(found.all().front()));
    const auto result = datacenter::simulate(*bound, {});
    const auto& job = bound->serving.front();
    return packed(measure(*bound, job, result.serving.front()), objectives_, job.pool.replicas).dump();
  }

  scenario::Loaded loaded_;
  std::size_t job_;
  const std::vector<Objective>& objectives_;
  Issues& issues_;
};

}  // namespace

Capacity find_capacity(scenario::Loaded loaded, const std::vector<Objective>& objectives, double wanted,
                       Issues& issues) {
  Capacity capacity{.objectives = objectives, .points = {}, .highest = 0, .sized = {}};
  const auto& jobs = loaded.scenario.jobs;
  if (jobs.size() != 1 || !jobs.front().serving) {
    issues.error({}, "/jobs", "a capacity is that of one serving job; this scenario has something else");
    return capacity;
  }
  if (!jobs.front().serving->requests.file.empty()) {
    issues.error({}, "/jobs/0/serving/requests/file",
                 "a capacity is searched with drawn requests, not with those of a file");
    return capacity;
  }
  if (!scenario::bind(loaded, issues)) return capacity;
  Search search(std::move(loaded), 0, objectives, issues);
  search.highest(capacity);
  if (wanted > 0 && capacity.highest > 0)
    capacity.sized = search.sized_for(wanted, capacity.highest, capacity.points.front().replicas);
  return capacity;
}

}  // namespace plenum::analysis
