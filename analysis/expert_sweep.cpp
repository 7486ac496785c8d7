#include "analysis/expert_sweep.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "analysis/forked.hpp"
#include "calibration/device.hpp"
#include "sim/datacenter/expert_exchange_run.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "sim/scenario/devices.hpp"
#include "sim/scenario/devices.hpp"
#include "topologies/node.hpp"
#include "topologies/routing.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

/// The first GPUs, all of them connected, in whole domains.
std::vector<std::uint32_t> check_group(const topology::Cluster& cluster, std::int64_t gpus, std::int64_t of_domain,
                                       Issues& issues) {
  std::vector<std::uint32_t> group(static_cast<std::size_t>(gpus));
  std::iota(group.begin(), group.end(), 0u);
  if (gpus > of_domain && gpus % of_domain != 0)
    issues.error({}, "/gpus",
                 fmt::format("experts stand in whole NVLink domains of {} GPUs; {} GPUs fill the last one in part",
                             of_domain, gpus));
  else if (!topology::connected(cluster, group))
    issues.error({}, "/gpus", "the fabric does not connect these GPUs");
  return group;
}

Json point_json(const ExpertPoint& point) {
  return {{"tokens_per_gpu", point.tokens},
          {"dispatch_seconds", point.dispatch.value()},
          {"combine_seconds", point.combine.value()}};
}

}  // namespace

std::vector<ExpertPoint> run_exchanges(const topology::ClusterSpecification& specification, const ExpertSweep& sweep,
                                       Issues& issues, const std::function<void(std::size_t, std::size_t)>& progress) {
  const auto device = calibration::load_device(specification.gpu, {}, "/gpu", issues);
  const auto others = scenario::load_other_devices(
      specification, "", [](const std::string&) { return Position{}; }, issues);
  if (!device || issues.has_errors()) return {};
  const auto cluster = topology::build(specification);
  auto group = check_group(cluster, sweep.exchange.ranks, topology::gpus_per_domain(specification.node), issues);
  if (issues.has_errors()) return {};
  const auto network = topology::make_network(cluster, specification);
  const auto situation = scenario::situation_of(
      cluster, specification,
      scenario::oldest_architecture(scenario::devices_among(specification, *device, others, group)), group);
  auto exchange = sweep.exchange;
  exchange.architecture = situation.architecture;
  exchange.domains = situation.domains;
  exchange.link = situation.link;
  exchange.nic = situation.network / static_cast<double>(situation.ranks_per_domain());
  std::optional<datacenter::LoneExchange> flows;
  if (sweep.fold) flows.emplace(datacenter::route_exchange(*network, exchange, progress));
  const auto task = [&](std::size_t i) {
    exchange.tokens = sweep.tokens[i];
    const auto times =
        flows ? datacenter::run_exchange(*flows, exchange) : datacenter::run_exchange_unfolded(*network, exchange);
    return point_json({exchange.tokens, times.dispatch, times.combine}).dump();
  };
  std::vector<ExpertPoint> points;
  for (const auto& answer : run_forked(sweep.tokens.size(), task, [](std::size_t, std::size_t) {}, {})) {
    if (!answer.failure.empty()) {
      issues.error({}, "", "the simulation failed: " + answer.failure);
      continue;
    }
    const auto json = Json::parse(answer.output);
    points.push_back({json["tokens_per_gpu"], Seconds(json["dispatch_seconds"].get<double>()),
                      Seconds(json["combine_seconds"].get<double>())});
  }
  return points;
}

Json to_json(const ExpertSweep& sweep, const std::vector<ExpertPoint>& points) {
  Json list = Json::array();
  for (const auto& point : points) list.push_back(point_json(point));
  const auto& e = sweep.exchange;
  return {{"operation", "expert_exchange"},
          {"mode", names_of(e.mode)[static_cast<std::size_t>(e.mode)]},
          {"gpus", e.ranks},
          {"hidden", e.hidden},
          {"top_k", e.top_k},
          {"points", list}};
}

std::string to_text(const ExpertSweep& sweep, const std::vector<ExpertPoint>& points) {
  const auto& e = sweep.exchange;
  auto text = fmt::format("# expert exchange over {} GPUs, {}: {} of the experts per token, hidden size {}\n", e.ranks,
                          names_of(e.mode)[static_cast<std::size_t>(e.mode)], e.top_k, e.hidden);
  text += fmt::format("# {:>12} {:>14} {:>14}\n# {:>12} {:>14} {:>14}\n", "tokens", "dispatch", "combine", "(per GPU)",
                      "(us)", "(us)");
  for (const auto& point : points)
    text += fmt::format("  {:>12} {:>14.2f} {:>14.2f}\n", point.tokens, point.dispatch.value() * 1e6,
                        point.combine.value() * 1e6);
  return text;
}

}  // namespace plenum::analysis
