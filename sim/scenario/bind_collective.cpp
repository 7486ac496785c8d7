#include "sim/scenario/bind_collective.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "calibration/collectives/timing.hpp"
#include "sim/scenario/collective_situation.hpp"

namespace plenum::scenario {
namespace {

constexpr std::size_t most_in_pairs = 4096, most_flows = most_in_pairs * most_in_pairs;  // of a scenario: some 2.5 GB

std::size_t flows_between_all(std::size_t gpus) { return gpus * (gpus - 1); }

/// Of the collectives that are bound already.
std::size_t flows_between_all(const std::vector<BoundCollective>& collectives) {
  std::size_t flows = 0;
  for (const auto& job : collectives)
    if (job.method.algorithm == CollectiveAlgorithm::direct && job.kind != CollectiveKind::send_receive)
      flows += flows_between_all(job.group.size());
  return flows;
}

class CollectiveBinder {
 public:
  CollectiveBinder(const Bound& so_far, const std::vector<BoundCollective>& others, std::string pointer,
                   Complaints& complaints)
      : so_far_(so_far),
        others_(others),
        specification_(so_far.specification),
        cluster_(so_far.cluster),
        pointer_(std::move(pointer)),
        complaints_(complaints) {}

  std::optional<BoundCollective> bind(const CollectiveJob& job) {
    const auto kind = named<CollectiveKind>("/operation", job.operation, collective_names);
    const auto algorithm = named<CollectiveAlgorithm>("/algorithm", job.algorithm, algorithm_names);
    const auto protocol = named<CollectiveProtocol>("/protocol", job.protocol, protocol_names);
    auto [group, problem] = parse_group(job.gpus, total_gpus(specification_));
    if (!problem.empty()) complain("/gpus", problem);
    if (!good_ || !check_group(job, group)) return std::nullopt;
    const auto written = group;
    BoundCollective bound;
    bound.kind = *kind;
    bound.size = job.size;
    bound.repeat = job.repeat;
    bound.start = job.start;
    const auto devices = devices_among(specification_, so_far_.device, so_far_.other_devices, group);
    bound.situation = situation_of(cluster_, specification_, oldest_architecture(devices), group);
    bound.group = in_runs(written) ? written : group;
    bound.weights = job.weights;
    const auto [method, refusal] = calibration::choose(bound.situation, *kind, job.size, algorithm, protocol);
    bound.method = method;
    if (!refusal.empty()) complain("/algorithm", refusal);
    return good_ ? std::optional(std::move(bound)) : std::nullopt;
  }

 private:
  /// Members of a domain stand together, so the order may be the user's: of a ring's hops, of roots and weights.
  bool in_runs(const std::vector<std::uint32_t>& group) const {
    auto domains = domains_of(cluster_, group);
    domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
    std::ranges::sort(domains);
    return std::ranges::adjacent_find(domains) == domains.end();
  }

  void complain(const std::string& below, std::string message) {
    complaints_.add(pointer_ + below, std::move(message));
    good_ = false;
  }

  template <class Enum>
  std::optional<Enum> named(const std::string& below, const std::string& name,
                            std::span<const std::string_view> names) {
    if (name.empty()) return std::nullopt;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return static_cast<Enum>(i);
    complain(below, fmt::format("unknown \"{}\"{}", name,
                                suggestion(name, std::vector<std::string>(names.begin(), names.end()))));
    return std::nullopt;
  }

  bool check_group(const CollectiveJob& job, const std::vector<std::uint32_t>& group) {
    if (!topology::connected(cluster_, group)) complain("/gpus", "the fabric does not connect these GPUs");
    const bool pairs = job.operation == "all_to_all" || (job.algorithm == "direct" && job.operation != "send_receive");
    const std::size_t before = flows_between_all(others_), flows = flows_between_all(group.size());
    if (pairs && before + flows > most_flows)
      complain("/gpus", fmt::format("{} GPUs that all exchange are {} flows, each simulated beside the other jobs; a "
                                    "scenario has room for {}, of {} GPUs{} (`plenum collective` takes more, alone on "
                                    "the fabric)",
                                    group.size(), flows, most_flows, most_in_pairs,
                                    before > 0 ? fmt::format(", and jobs before this one have {}", before) : ""));
    if (!job.weights.empty() && !in_runs(group)) complain("/gpus", "with weights, GPUs of a node stand together");
    if (!job.weights.empty() && job.operation != "all_to_all") complain("/weights", "weights are for all_to_all");
    if (!job.weights.empty() && job.weights.size() != group.size() * group.size())
      complain("/weights",
               fmt::format("{} weights for {} x {} members", job.weights.size(), group.size(), group.size()));
    for (const double weight : job.weights)
      if (!(weight >= 0 && weight <= 1e6)) return complain("/weights", "weights are 0 to 1,000,000"), false;
    return good_;
  }

  const Bound& so_far_;
  const std::vector<BoundCollective>& others_;
  const topology::ClusterSpecification& specification_;
  const topology::Cluster& cluster_;
  std::string pointer_;
  Complaints& complaints_;
  bool good_ = true;
};

}  // namespace

std::vector<BoundCollective> bind_collectives(const Loaded& loaded, const Bound& so_far, Complaints& complaints) {
  std::vector<BoundCollective> bound;
  const auto& jobs = loaded.scenario.jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!jobs[i].collective) continue;
    CollectiveBinder binder(so_far, bound, fmt::format("/jobs/{}/collective", i), complaints);
    auto job = binder.bind(*jobs[i].collective);
    if (!job) continue;
    job->name = jobs[i].name.empty() ? fmt::format("job {}", i) : jobs[i].name;
    bound.push_back(std::move(*job));
  }
  return bound;
}

}  // namespace plenum::scenario
