#include "calibration/collectives/nccl_tables.hpp"

#include <algorithm>
#include <array>

namespace plenum::calibration::nccl {
namespace {

using Protocols = std::array<Latency, 3>;  ///< LL, LL128, Simple

constexpr Protocols ring{{{6.6, 0.6, 1.0, 2.7}, {14.0, 1.9, 2.5, 4.0}, {8.4, 3.4, 5.7, 14.0}}};
constexpr Protocols tree{{{6.8, 0.6, 1.0, 5.0}, {14.0, 1.25, 1.9, 8.5}, {8.4, 4.0, 4.0, 14.0}}};
constexpr Latency nvls{0, 25, 0, 18}, nvls_tree{0, 25, 0, 20.9}, pat{8.0, 4.0, 4.0, 14.0}, collnet{0, 3.7, 3.7, 31};

// LL128 needs 128-byte stores that arrive whole: NVLink. The measured all_gathers of eight B200 jump where NCCL's
// estimates of LL and Simple cross, so its rings on one node go without LL128.
constexpr std::array<Architecture, 6> architectures{{
    {"volta", 39, 6 * 20.0, true, 0, 0, 0, Bytes(0)},
    {"ampere", 87.7, 235, true, 0, 0, 0, Bytes(0)},
    {"hopper", 141, 18 * 20.6, true, 0.85, 5, 16, Bytes(128 << 10)},
    {"pcie4", 87.7, 22, false, 0, 0, 0, Bytes(0)},
    {"pcie5", 282, 44, false, 0, 0, 0, Bytes(0)},
    {"blackwell", 282, 18 * 40.1, false, 0.74, 6, 32, Bytes(512 << 10)},
}};

constexpr std::int64_t most_nvls_heads = 32;  // NCCL_MAX_NVLS_ARITY

}  // namespace

Latency latency_of(Method method) {
  const auto protocol = static_cast<std::size_t>(method.protocol);
  switch (method.algorithm) {
    case CollectiveAlgorithm::tree:
      return tree[protocol];
    case CollectiveAlgorithm::nvls:
      return nvls;
    case CollectiveAlgorithm::nvls_tree:
      return nvls_tree;
    case CollectiveAlgorithm::pat:
    case CollectiveAlgorithm::halving_doubling:
      return pat;
    case CollectiveAlgorithm::collnet:
      return collnet;
    default:
      return ring[protocol];
  }
}

const Architecture& architecture_of(std::string_view name) {
  const auto found = std::ranges::find(architectures, name, &Architecture::name);
  return found == architectures.end() ? architectures.back() : *found;
}

Bytes nvls_chunk(const Architecture& architecture, std::int64_t ranks, Bytes bytes) {
  const std::int64_t at_once = architecture.nvls_channels * std::min(ranks, most_nvls_heads);
  std::int64_t chunk = architecture.nvls_chunk.value();
  const auto shrink = [&](std::int64_t rounds, std::int64_t to) {
    if (bytes.value() < rounds * at_once * chunk) chunk = std::min(chunk, to);
  };
  shrink(64, 64 << 10);
  shrink(8, 32 << 10);
  shrink(2, 16 << 10);
  return Bytes(chunk);
}

}  // namespace plenum::calibration::nccl
