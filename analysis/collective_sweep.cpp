#include "analysis/collective_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "analysis/forked.hpp"
#include "calibration/device.hpp"
#include "sim/datacenter/collective_run.hpp"
#include "sim/scenario/collective_situation.hpp"
#include "sim/scenario/devices.hpp"
#include "topologies/routing.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t element_bytes = 4;  // nccl-tests counts floats

std::string_view name_of(workload::CollectiveKind kind) {
  return workload::collective_names[static_cast<std::size_t>(kind)];
}

Json point_json(const CollectivePoint& point) {
  return {{"size_bytes", point.size.value()},
          {"algorithm", name_of(point.method.algorithm)},
          {"protocol", name_of(point.method.protocol)},
          {"time_seconds", point.time.value()},
          {"algorithm_bandwidth_bytes_per_second", point.algorithm_bandwidth.value()},
          {"bus_bandwidth_bytes_per_second", point.bus_bandwidth.value()},
          {"flows_unfolded", point.flows_unfolded},
          {"flows_folded", point.flows_folded},
          {"bottleneck", point.bottleneck},
          {"bottleneck_utilization", point.utilization}};
}

template <class Enum>
Enum named(const Json& json, std::span<const std::string_view> names) {
  return static_cast<Enum>(std::ranges::find(names, json.get<std::string>()) - names.begin());
}

CollectivePoint point_from(const Json& json) {
  return {.size = Bytes(json["size_bytes"].get<std::int64_t>()),
          .method = {named<CollectiveAlgorithm>(json["algorithm"], algorithm_names),
                     named<CollectiveProtocol>(json["protocol"], protocol_names)},
          .time = Seconds(json["time_seconds"].get<double>()),
          .algorithm_bandwidth = BytesPerSecond(json["algorithm_bandwidth_bytes_per_second"].get<double>()),
          .bus_bandwidth = BytesPerSecond(json["bus_bandwidth_bytes_per_second"].get<double>()),
          .flows_unfolded = json["flows_unfolded"],
          .flows_folded = json["flows_folded"],
          .bottleneck = json["bottleneck"],
          .utilization = json["bottleneck_utilization"]};
}

CollectivePoint point_of(Bytes size, calibration::Method method, const datacenter::CollectiveResult& r) {
  CollectivePoint point{.size = size,
                        .method = method,
                        .time = r.time,
                        .algorithm_bandwidth = r.algorithm_bandwidth,
                        .bus_bandwidth = r.bus_bandwidth,
                        .flows_unfolded = r.flows_unfolded,
                        .flows_folded = r.flows_folded,
                        .bottleneck = {},
                        .utilization = 0};
  if (!r.busiest.empty()) point.bottleneck = r.busiest.front().name, point.utilization = r.busiest.front().utilization;
  return point;
}

/// Every GPU once, all of them in the cluster and connected.
bool check_group(const topology::Cluster& cluster, const std::vector<std::uint32_t>& group, Issues& issues) {
  std::set<std::uint32_t> seen;
  for (const auto gpu : group) {
    if (gpu >= cluster.gpus.size())
      issues.error({}, "/group",
                   fmt::format("there is no GPU {}; the cluster has 0 to {}", gpu, cluster.gpus.size() - 1));
    else if (!seen.insert(gpu).second)
      issues.error({}, "/group", fmt::format("GPU {} stands in the group twice", gpu));
  }
  if (!issues.has_errors() && !topology::connected(cluster, group))
    issues.error({}, "/group", "the fabric does not connect these GPUs");
  return !issues.has_errors();
}

}  // namespace

std::vector<CollectivePoint> run_collectives(const topology::ClusterSpecification& specification,
                                             const CollectiveSweep& sweep, Issues& issues,
                                             const std::function<void(std::size_t, std::size_t)>& progress) {
  const auto device = calibration::load_device(specification.gpu, {}, "/gpu", issues);
  const auto others = scenario::load_other_devices(
      specification, "", [](const std::string&) { return Position{}; }, issues);
  if (!device || issues.has_errors()) return {};
  const auto cluster = topology::build(specification);
  auto group = sweep.group;
  if (!check_group(cluster, group, issues)) return {};
  const auto network = topology::make_network(cluster, specification);
  const auto devices = scenario::devices_among(specification, *device, others, group);
  const auto situation = scenario::situation_of(cluster, specification, scenario::oldest_architecture(devices), group);
  std::vector<calibration::Method> methods;
  for (const auto size : sweep.sizes) {
    const auto chosen = calibration::choose(situation, sweep.kind, size, sweep.algorithm, sweep.protocol);
    if (!chosen.refusal.empty()) return issues.error({}, "/algorithm", chosen.refusal), std::vector<CollectivePoint>();
    methods.push_back(chosen.method);
  }
  std::optional<datacenter::LoneExchange> routed;
  if (datacenter::between_all_pairs(sweep.kind, methods.front().algorithm) && sweep.fold)
    routed.emplace(datacenter::route_all_pairs(*network, group, progress));
  const auto task = [&](std::size_t i) {
    const datacenter::CollectiveRequest request{.situation = situation,
                                                .kind = sweep.kind,
                                                .method = methods[i],
                                                .bytes = sweep.sizes[i],
                                                .group = group,
                                                .routed = routed ? &*routed : nullptr};
    return point_json(
               point_of(sweep.sizes[i], methods[i], datacenter::run_collective(cluster, *network, request, sweep.fold)))
        .dump();
  };
  std::vector<CollectivePoint> points;
  for (const auto& answer : run_forked(sweep.sizes.size(), task, [](std::size_t, std::size_t) {}, {})) {
    if (answer.failure.empty())
      points.push_back(point_from(Json::parse(answer.output)));
    else
      issues.error({}, "", "the simulation failed: " + answer.failure);
  }
  return points;
}

Json to_json(const CollectiveSweep& sweep, const std::vector<CollectivePoint>& points) {
  Json list = Json::array();
  for (const auto& point : points) list.push_back(point_json(point));
  return {{"operation", name_of(sweep.kind)}, {"gpus", sweep.group.size()}, {"points", list}};
}

std::string to_text(const CollectiveSweep& sweep, const std::vector<CollectivePoint>& points) {
  auto text = fmt::format(
      "# {} over {} GPUs\n# {:>12} {:>14} {:>8} {:>12} {:>8} {:>12} {:>10} {:>10}  {}\n# {:>12} {:>14} {:>8} {:>12} "
      "{:>8} "
      "{:>12} {:>10} {:>10}\n",
      name_of(sweep.kind), sweep.group.size(), "size", "count", "type", "algorithm", "protocol", "time", "algbw",
      "busbw", "busiest channel", "(B)", "(elements)", "", "", "", "(us)", "(GB/s)", "(GB/s)");
  for (const auto& point : points)
    text +=
        fmt::format("  {:>12} {:>14} {:>8} {:>12} {:>8} {:>12.2f} {:>10.2f} {:>10.2f}  {:.0f} % {}\n",
                    point.size.value(), point.size.value() / element_bytes, "float", name_of(point.method.algorithm),
                    name_of(point.method.protocol), point.time.value() * 1e6, point.algorithm_bandwidth.value() / 1e9,
                    point.bus_bandwidth.value() / 1e9, 100 * point.utilization, point.bottleneck);
  return text;
}

}  // namespace plenum::analysis
