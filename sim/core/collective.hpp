// Collective operations and what carries them out, in the words of NCCL. Workloads say what is wanted, calibration what
// it costs.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace plenum {

enum class CollectiveKind : std::uint8_t {
  all_reduce,
  all_gather,
  reduce_scatter,
  broadcast,
  all_to_all,
  send_receive,
  reduce,
  barrier
};
inline constexpr std::array<std::string_view, 8> collective_names{
    "all_reduce", "all_gather", "reduce_scatter", "broadcast", "all_to_all", "send_receive", "reduce", "barrier"};

/// `nvls`: NVLink SHARP, the switch adds and multicasts; `nvls_tree`: that inside a domain, trees between domains;
/// `pat`: parallel aggregated trees (logarithmic all_gather and reduce_scatter); `direct`: every pair by itself;
/// `hierarchical`: rings inside nodes and, rail by rail, between them; `collnet`: the network's switches add
/// (InfiniBand SHARP), NCCL's CollNetDirect.
enum class CollectiveAlgorithm : std::uint8_t {
  ring,
  tree,
  nvls,
  nvls_tree,
  pat,
  direct,
  halving_doubling,
  hierarchical,
  collnet
};
inline constexpr std::array<std::string_view, 9> algorithm_names{
    "ring", "tree", "nvls", "nvls_tree", "pat", "direct", "halving_doubling", "hierarchical", "collnet"};
inline std::span<const std::string_view> names_of(CollectiveAlgorithm) { return algorithm_names; }
constexpr std::string_view name_of(CollectiveAlgorithm a) { return algorithm_names[static_cast<std::size_t>(a)]; }

/// LL: 4 bytes of flag for 4 of data; LL128: 8 for 120; Simple: data, then a fence.
enum class CollectiveProtocol : std::uint8_t { ll, ll128, simple };
inline constexpr std::array<std::string_view, 3> protocol_names{"ll", "ll128", "simple"};
inline std::span<const std::string_view> names_of(CollectiveProtocol) { return protocol_names; }
constexpr std::string_view name_of(CollectiveProtocol p) { return protocol_names[static_cast<std::size_t>(p)]; }

/// What carries messages between nodes: GPUDirect RDMA over InfiniBand or RoCE, AWS EFA, Google's GPUDirect-TCPX(O),
/// plain TCP. `none`: nodes are not connected.
enum class Transport : std::uint8_t { none, infiniband, roce, efa, tcpx, ethernet };
inline constexpr std::array<std::string_view, 6> transport_names{"none", "infiniband", "roce",
                                                                 "efa",  "tcpx",       "ethernet"};
inline std::span<const std::string_view> names_of(Transport) { return transport_names; }

}  // namespace plenum
