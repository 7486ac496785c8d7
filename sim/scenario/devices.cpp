#include "sim/scenario/devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "topologies/node.hpp"

namespace plenum::scenario {
namespace {

constexpr std::array<std::string_view, 3> generations{"ampere", "hopper", "blackwell"};

}  // namespace

const calibration::Device& device_at(const topology::ClusterSpecification& cluster, const calibration::Device& first,
                                     const OtherDevices& others, std::int64_t gpu) {
  if (others.empty()) return first;
  const auto found = others.find(topology::gpu_at(cluster, gpu / cluster.node.gpus));
  return found == others.end() ? first : found->second;
}

std::vector<const calibration::Device*> devices_among(const topology::ClusterSpecification& cluster,
                                                      const calibration::Device& first, const OtherDevices& others,
                                                      std::int64_t first_gpu, std::int64_t count) {
  std::vector<const calibration::Device*> found;
  for (auto gpu = first_gpu; gpu < first_gpu + count; gpu += cluster.node.gpus) {
    const auto* device = &device_at(cluster, first, others, gpu);
    if (std::ranges::find(found, device) == found.end()) found.push_back(device);
    if (others.empty()) break;
  }
  return found;
}

std::vector<const calibration::Device*> devices_among(const topology::ClusterSpecification& cluster,
                                                      const calibration::Device& first, const OtherDevices& others,
                                                      std::span<const std::uint32_t> gpus) {
  std::vector<const calibration::Device*> found;
  for (const auto gpu : gpus) {
    const auto* device = &device_at(cluster, first, others, gpu);
    if (std::ranges::find(found, device) == found.end()) found.push_back(device);
  }
  return found;
}

/// An architecture that NCCL doesn't know comes last.
std::string oldest_architecture(std::span<const calibration::Device* const> devices) {
  const auto age = [](const calibration::Device* device) {
    return std::ranges::find(generations, device->specification.architecture) - generations.begin();
  };
  return (*std::ranges::min_element(devices, {}, age))->specification.architecture;
}

Bytes least_memory(std::span<const calibration::Device* const> devices) {
  const auto memory = [](const calibration::Device* device) { return device->specification.memory; };
  return memory(*std::ranges::min_element(devices, {}, memory));
}

std::string names_of(std::span<const calibration::Device* const> devices) {
  std::vector<std::string> names;
  for (const auto* device : devices) names.push_back(device->name);
  return fmt::format("{}", fmt::join(names, " and "));
}

}  // namespace plenum::scenario
