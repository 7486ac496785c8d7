// Where a collective runs, as far as its time depends on it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/collective.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::calibration {

/// Who starts the kernel: a CUDA graph, one call after the other, or a framework that also waits for each call.
enum class Launch : std::uint8_t { graph, stream, framework };
inline constexpr std::array<std::string_view, 3> launch_names{"graph", "stream", "framework"};
inline std::span<const std::string_view> names_of(Launch) { return launch_names; }

struct Situation {
  std::string architecture = "hopper";  ///< of NVLink GPUs ("volta" ... "blackwell"), else the bus: "pcie4", "pcie5"
  Transport transport = Transport::infiniband;
  Launch launch = Launch::graph;
  std::int64_t ranks = 2;
  std::int64_t domains = 1;    ///< NVLink domains (or PCIe nodes) that the ranks stand in, in equal parts
  BytesPerSecond link{450e9};  ///< of a GPU into its domain, per direction
  BytesPerSecond network{};    ///< of all NICs that a domain uses, per direction
  bool switches_add = false;   ///< the fabric is a tree of switches with InfiniBand SHARP

  std::int64_t ranks_per_domain() const { return ranks < domains ? 1 : ranks / domains; }
};

/// How a collective is carried out.
struct Method {
  CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
  CollectiveProtocol protocol = CollectiveProtocol::simple;
  bool operator==(const Method&) const = default;
};

}  // namespace plenum::calibration
