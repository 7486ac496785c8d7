// The GPUs of a mixed cluster: which node has which.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "calibration/device.hpp"
#include "topologies/specification.hpp"

namespace plenum::scenario {

/// Those that other_nodes names, by the names written there.
using OtherDevices = std::map<std::string, calibration::Device>;

/// Issues at `position(pointer)` for unknown names.
template <class PositionOf>
OtherDevices load_other_devices(const topology::ClusterSpecification& cluster, const std::string& pointer,
                                const PositionOf& position, Issues& issues) {
  OtherDevices devices;
  for (std::size_t i = 0; i < cluster.other_nodes.size(); ++i) {
    const auto& name = cluster.other_nodes[i].gpu;
    if (name.empty() || devices.contains(name)) continue;
    const auto where = pointer + "/other_nodes/" + std::to_string(i) + "/gpu";
    if (auto device = calibration::load_device(name, position(where), where, issues))
      devices.emplace(name, std::move(*device));
  }
  return devices;
}

/// Of GPU number `gpu`; `first` is that of ClusterSpecification::gpu.
const calibration::Device& device_at(const topology::ClusterSpecification&, const calibration::Device& first,
                                     const OtherDevices&, std::int64_t gpu);

/// The different ones of `count` GPUs from `first_gpu` on, in the order of the nodes.
std::vector<const calibration::Device*> devices_among(const topology::ClusterSpecification&,
                                                      const calibration::Device& first, const OtherDevices&,
                                                      std::int64_t first_gpu, std::int64_t count);

/// Among the GPUs of a group.
std::vector<const calibration::Device*> devices_among(const topology::ClusterSpecification&,
                                                      const calibration::Device& first, const OtherDevices&,
                                                      std::span<const std::uint32_t> gpus);

/// NCCL tunes a communicator by the lowest compute capability in it (src/graph/tuning.cc: minCompCap).
std::string oldest_architecture(std::span<const calibration::Device* const>);

Bytes least_memory(std::span<const calibration::Device* const>);

/// "H100-SXM", "H100-SXM and A100-80GB-SXM".
std::string names_of(std::span<const calibration::Device* const>);

}  // namespace plenum::scenario
