#include "analysis/congestion.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "analysis/forked.hpp"
#include "sim/datacenter/collective_run.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

/// The same routes over links between switches that limit nothing.
class Unhindered : public topology::Network {
 public:
  Unhindered(const topology::Network& network, const topology::Cluster& cluster)
      : network_(network), cluster_(cluster) {}

  std::size_t channel_count() const override { return network_.channel_count(); }
  std::string channel_name(std::uint32_t id) const override { return network_.channel_name(id); }
  void route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
             std::vector<std::uint32_t>& channels) const override {
    network_.route(source, destination, label, channels);
  }
  topology::Channel channel(std::uint32_t id) const override {
    auto channel = network_.channel(id);
    if (between_switches(id)) channel.bandwidth = BytesPerSecond(unlimited);
    return channel;
  }

 private:
  static constexpr double unlimited = 1e18;

  /// What is no edge is a bundle of cables between switches.
  bool between_switches(std::uint32_t id) const {
    if (id >= num_edges(cluster_.graph)) return true;
    const auto edge = edge_from_index(id, cluster_.graph);
    const auto first = cluster_.numbers.of(topology::VertexKind::leaf, 0);
    return source(edge, cluster_.graph) >= first && target(edge, cluster_.graph) >= first;
  }

  const topology::Network& network_;
  const topology::Cluster& cluster_;
};

enum class Run : std::uint8_t { alone, intact, unhindered };
constexpr std::size_t runs = 3;

double seconds_of(const scenario::Bound& bound, const scenario::BoundCollective& job, Run run, bool fold) {
  const datacenter::CollectiveRequest request{.situation = job.situation,
                                              .kind = job.kind,
                                              .method = job.method,
                                              .bytes = job.size,
                                              .group = job.group,
                                              .weights = job.weights};
  auto specification = bound.specification;
  if (run != Run::alone) specification.degraded_links.clear(), specification.failed_switches.clear();
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);  // a new one: adaptive ones remember loads
  const Unhindered unhindered(*network, cluster);
  const topology::Network& taken =
      run == Run::unhindered ? static_cast<const topology::Network&>(unhindered) : *network;
  return datacenter::run_collective(cluster, taken, request, fold).time.value();
}

std::string percent(Seconds part, Seconds whole) {
  return whole > Seconds{} ? fmt::format("{:.1f} %", 100 * (part / whole)) : "-";
}

}  // namespace

std::vector<IdleTimes> times_on_idle_fabric(const scenario::Bound& bound, bool fold) {
  const auto task = [&](std::size_t i) {
    return fmt::format("{:.17g}", seconds_of(bound, bound.collectives[i / runs], static_cast<Run>(i % runs), fold));
  };
  const auto answers = run_forked(runs * bound.collectives.size(), task, [](std::size_t, std::size_t) {}, {});
  for (const auto& answer : answers)
    if (!answer.failure.empty()) throw std::runtime_error("a simulation failed: " + answer.failure);
  std::vector<IdleTimes> times;
  for (std::size_t i = 0; i < bound.collectives.size(); ++i) {
    const auto seconds = [&](Run run) {
      return Seconds(std::stod(answers[runs * i + static_cast<std::size_t>(run)].output));
    };
    times.push_back({seconds(Run::alone), seconds(Run::intact), seconds(Run::unhindered)});
  }
  return times;
}

std::vector<CongestionMetrics> congestion(const datacenter::Result& result, const std::vector<IdleTimes>& idle) {
  std::vector<CongestionMetrics> metrics;
  for (std::size_t i = 0; i < idle.size(); ++i) {
    const auto& job = result.collectives[i];
    metrics.push_back({job.job, (job.end - job.start) / static_cast<double>(job.repeated), idle[i].alone,
                       idle[i].intact, idle[i].unhindered});
  }
  return metrics;
}

std::string to_text(const scenario::Bound& bound, const datacenter::Result& result,
                    const std::vector<CongestionMetrics>& metrics) {
  auto text = fmt::format("  {:<24} {:>10} {:>10} {:>10}   {:>14}  {:>9}  {:>9}\n", "collective", "time", "alone",
                          "unhindered", "lost to others", "to itself", "to damage");
  for (const auto& m : metrics)
    text += fmt::format("  {:<24} {:>10} {:>10} {:>10}   {:>14}  {:>9}  {:>9}\n", m.job, format(m.together),
                        format(m.alone), format(m.unhindered), percent(m.lost_to_others(), m.together),
                        percent(m.lost_to_itself(), m.together), percent(m.lost_to_damage(), m.together));
  if (bound.training.empty() && !result.busiest.empty()) {
    const auto& busiest = result.busiest.front();
    text += fmt::format("bottleneck {} ({} like it), {:.1f} % busy\n", busiest.name, busiest.members,
                        100 * busiest.utilization);
  }
  return text;
}

Json to_json(const scenario::Bound& bound, const std::vector<CongestionMetrics>& metrics) {
  Json jobs = Json::array();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& m = metrics[i];
    const auto& job = bound.collectives[i];
    jobs.push_back({{"name", m.job},
                    {"operation", collective_names[static_cast<std::size_t>(job.kind)]},
                    {"algorithm", name_of(job.method.algorithm)},
                    {"protocol", name_of(job.method.protocol)},
                    {"gpus", job.group.size()},
                    {"size_bytes", job.size.value()},
                    {"time_seconds", m.together.value()},
                    {"alone_seconds", m.alone.value()},
                    {"intact_seconds", m.intact.value()},
                    {"unhindered_seconds", m.unhindered.value()},
                    {"lost_to_others_seconds", m.lost_to_others().value()},
                    {"lost_to_itself_seconds", m.lost_to_itself().value()},
                    {"lost_to_damage_seconds", m.lost_to_damage().value()}});
  }
  return jobs;
}

}  // namespace plenum::analysis
