#include "analysis/collective_sweep.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/forked.hpp"
#include "calibration/device.hpp"
#include "sim/datacenter/collective_run.hpp"
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
          {"time_seconds", point.time.value()},
          {"algorithm_bandwidth_bytes_per_second", point.algorithm_bandwidth.value()},
          {"bus_bandwidth_bytes_per_second", point.bus_bandwidth.value()},
          {"flows_unfolded", point.flows_unfolded},
          {"flows_folded", point.flows_folded}};
}

CollectivePoint point_from(const Json& json) {
  return {.size = Bytes(json["size_bytes"].get<std::int64_t>()),
          .time = Seconds(json["time_seconds"].get<double>()),
          .algorithm_bandwidth = BytesPerSecond(json["algorithm_bandwidth_bytes_per_second"].get<double>()),
          .bus_bandwidth = BytesPerSecond(json["bus_bandwidth_bytes_per_second"].get<double>()),
          .flows_unfolded = json["flows_unfolded"],
          .flows_folded = json["flows_folded"]};
}

}  // namespace

std::vector<CollectivePoint> run_collectives(const topology::ClusterSpecification& specification,
                                             const CollectiveSweep& sweep, Issues& issues) {
  const auto device = calibration::load_device(specification.gpu, {}, "/gpu", issues);
  if (!device) return {};
  const auto cluster = topology::build(specification);
  const auto network = topology::make_network(cluster, specification);
  const auto task = [&](std::size_t i) {
    const auto r = datacenter::run_collective(cluster, *network, device->specification.architecture, sweep.kind,
                                              sweep.sizes[i], sweep.gpus, sweep.fold);
    return point_json(
               {sweep.sizes[i], r.time, r.algorithm_bandwidth, r.bus_bandwidth, r.flows_unfolded, r.flows_folded})
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
  return {{"operation", name_of(sweep.kind)}, {"algorithm", "ring"}, {"gpus", sweep.gpus}, {"points", list}};
}

std::string to_text(const CollectiveSweep& sweep, const std::vector<CollectivePoint>& points) {
  auto text = fmt::format(
      "# {} over {} GPUs, ring\n# {:>12} {:>14} {:>8} {:>12} {:>10} {:>10}\n# {:>12} {:>14} {:>8} {:>12} {:>10} "
      "{:>10}\n",
      name_of(sweep.kind), sweep.gpus, "size", "count", "type", "time", "algbw", "busbw", "(B)", "(elements)", "",
      "(us)", "(GB/s)", "(GB/s)");
  for (const auto& point : points)
    text += fmt::format("  {:>12} {:>14} {:>8} {:>12.2f} {:>10.2f} {:>10.2f}\n", point.size.value(),
                        point.size.value() / element_bytes, "float", point.time.value() * 1e6,
                        point.algorithm_bandwidth.value() / 1e9, point.bus_bandwidth.value() / 1e9);
  return text;
}

}  // namespace plenum::analysis
