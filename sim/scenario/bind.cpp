#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/scenario/bind_collective.hpp"
#include "sim/scenario/connectivity.hpp"

namespace plenum::scenario {
namespace {

class Binder {
 public:
  Binder(const Loaded& loaded, Issues& issues) : loaded_(loaded), complaints_{loaded.source, issues} {}

  void check_cluster() {
    for (const auto& problem : topology::check(scenario().cluster))
      complain("/cluster" + problem.pointer, problem.message);
  }

  /// A port carries what the narrowest of NIC, cable and PCIe does; raising one of them alone changes nothing.
  void warn_of_idle_bandwidth() {
    const auto& node = scenario().cluster.node;
    const auto& fabric = scenario().cluster.fabric;
    if (scenario().cluster.nodes < 2) return;
    const auto warn = [&](BytesPerSecond narrow, const char* what) {
      if (narrow < node.nic)
        complaints_.issues.warning(json::position_of(loaded_.source, "/cluster/node/nic"), "/cluster/node/nic",
                                   fmt::format("{} is more than {} carries, {}; the lesser one decides",
                                               format(node.nic), what, format(narrow)));
    };
    if (fabric.link > BytesPerSecond{}) warn(fabric.link, "a cable (/cluster/fabric/link)");
    warn(node.pcie, "PCIe (/cluster/node/pcie)");
  }

  void check_device(Bound& bound) {
    const std::string pointer = "/cluster/gpu";
    const Position where = json::position_of(loaded_.source, pointer);
    if (auto device = calibration::load_device(scenario().cluster.gpu, where, pointer, complaints_.issues))
      bound.device = std::move(*device);
    const auto position = [&](const std::string& at) { return json::position_of(loaded_.source, at); };
    bound.other_devices = load_other_devices(scenario().cluster, "/cluster", position, complaints_.issues);
    check_vendors(bound);
  }

  void check_slow_gpus(Bound& bound) {
    const std::int64_t gpus = total_gpus(scenario().cluster);
    std::map<std::int64_t, std::size_t> first_place;
    for (std::size_t i = 0; i < scenario().slow_gpus.size(); ++i) {
      const SlowGpu& slow = scenario().slow_gpus[i];
      const std::string pointer = fmt::format("/slow_gpus/{}/gpu", i);
      const auto [place, is_new] = first_place.emplace(slow.gpu, i);
      if (slow.gpu < 0 || slow.gpu >= gpus)
        complain(pointer, fmt::format("there is no GPU {}; the cluster's are 0 to {}", slow.gpu, gpus - 1));
      else if (!is_new)
        complain(pointer, fmt::format("GPU {} is listed already as /slow_gpus/{}", slow.gpu, place->second));
      else
        speed_of(bound, gpus, slow.gpu) = slow.speed;
    }
  }

  void check_economy() {
    const auto& rent = scenario().economy.rent;
    if (!rent) return;
    const bool per_gpu = rent->per_gpu.value() > 0, per_instance = rent->per_instance.value() > 0;
    if (!per_gpu && !per_instance) complain("/economy/rent", "give \"per_gpu\" or \"per_instance\", above $0");
    if (per_gpu && per_instance) complain("/economy/rent", "give either \"per_gpu\" or \"per_instance\", not both");
  }

  void check_connections(const Bound& bound) {
    for (const auto& job : bound.training) check_connection(bound, job.name, job.first_gpu, job.plan.ranks());
    for (const auto& job : bound.serving)
      if (job.prefill) check_connection(bound, job.name, job.first_gpu(), job.gpus());
    for (const auto& job : bound.reinforcement) check_connection(bound, job.name, job.first_gpu, job.gpus());
    for (const auto& job : bound.traces) check_connection(bound, job.name, job.first_gpu, job.trace.ranks);
  }

  void complain(const std::string& pointer, std::string message) { complaints_.add(pointer, std::move(message)); }

 private:
  const Scenario& scenario() const { return loaded_.scenario; }

  /// No communication library spans NVIDIA's and AMD's GPUs.
  void check_vendors(const Bound& bound) {
    const auto is_amd = [](const calibration::Device& d) { return d.specification.architecture.starts_with("cdna"); };
    for (const auto& [name, device] : bound.other_devices)
      if (!bound.device.name.empty() && is_amd(device) != is_amd(bound.device))
        complain("/cluster/other_nodes", fmt::format("collectives do not span {} and {}: their libraries differ",
                                                     bound.device.name, device.name));
  }

  void check_connection(const Bound& bound, const std::string& job, std::int64_t first_gpu, std::int64_t gpus) {
    if (const auto gpu = unreachable_gpu(bound.cluster, first_gpu, gpus))
      complain("/jobs",
               fmt::format("the cluster has no way between GPU {} and GPU {} of job \"{}\"", first_gpu, *gpu, job));
  }

  static double& speed_of(Bound& bound, std::int64_t gpus, std::int64_t gpu) {
    if (bound.gpu_speed.empty()) bound.gpu_speed.assign(static_cast<std::size_t>(gpus), 1);
    return bound.gpu_speed[static_cast<std::size_t>(gpu)];
  }

  const Loaded& loaded_;
  Complaints complaints_;
};

}  // namespace

std::unique_ptr<Bound> bind(const Loaded& loaded, Issues& issues) {
  const Scenario& scenario = loaded.scenario;
  auto bound = std::make_unique<Bound>();
  bound->specification = scenario.cluster;
  bound->economy = scenario.economy;
  bound->name = scenario.name;
  bound->digest = loaded.digest;

  Issues found;
  Binder binder(loaded, found);
  const bool cluster_is_read = is_read(loaded, "/cluster");
  if (cluster_is_read) {
    binder.check_cluster();
    binder.check_device(*bound);
    binder.warn_of_idle_bandwidth();
    if (is_read(loaded, "/slow_gpus")) binder.check_slow_gpus(*bound);
  }
  auto jobs = bind_jobs(loaded, cluster_is_read, bound->device, bound->other_devices, found);
  bound->training = std::move(jobs.training);
  bound->serving = std::move(jobs.serving);
  bound->traces = std::move(jobs.traces);
  bound->generation = std::move(jobs.generation);
  bound->reinforcement = std::move(jobs.reinforcement);
  bound->applications = std::move(jobs.applications);
  if (is_read(loaded, "/economy")) binder.check_economy();
  const bool good = loaded.faulty.empty() && !found.has_errors();
  if (good) {
    bound->cluster = topology::build(bound->specification);
    binder.check_connections(*bound);
    Complaints complaints{loaded.source, found};
    bound->collectives = bind_collectives(loaded, *bound, complaints);
  }
  issues.add_in_order(found);
  if (!good || found.has_errors()) return nullptr;
  bound->network = topology::make_network(bound->cluster, bound->specification);
  return bound;
}

}  // namespace plenum::scenario
