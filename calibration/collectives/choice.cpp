#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "calibration/collectives/nccl_tables.hpp"
#include "calibration/collectives/timing.hpp"

namespace plenum::calibration {
namespace {

using Algorithm = CollectiveAlgorithm;
using Protocol = CollectiveProtocol;

/// NCCL sends parts of an all-to-all with LL while they are small (NCCL_P2P_LL_THRESHOLD, per channel; two channels).
constexpr std::int64_t low_latency_part = 32 << 10;

bool reduces(CollectiveKind kind) { return kind == CollectiveKind::all_reduce || kind == CollectiveKind::barrier; }

std::string why_not(const Situation& s, CollectiveKind kind, Algorithm algorithm) {
  const auto& architecture = nccl::architecture_of(s.architecture);
  const bool pairwise = kind == CollectiveKind::all_to_all || kind == CollectiveKind::send_receive;
  const bool gathers = kind == CollectiveKind::all_gather || kind == CollectiveKind::reduce_scatter;
  switch (algorithm) {
    case Algorithm::direct:
      return pairwise || gathers ? ""
                                 : "direct exchange is for all_to_all, all_gather, reduce_scatter and send_receive";
    case Algorithm::ring:
      return pairwise ? "rings don't carry all_to_all and send_receive" : "";
    case Algorithm::tree:
      return reduces(kind) ? "" : "trees carry all_reduce and barrier";
    case Algorithm::pat:
      return gathers ? "" : "PAT carries all_gather and reduce_scatter";
    case Algorithm::hierarchical:
      return reduces(kind) || gathers ? "" : "hierarchical rings carry all_reduce, all_gather and reduce_scatter";
    case Algorithm::halving_doubling:
      return reduces(kind) ? "" : "halving and doubling carries all_reduce";
    case Algorithm::nvls:
    case Algorithm::nvls_tree:
      if (!reduces(kind) && algorithm == Algorithm::nvls_tree) return "nvls_tree carries all_reduce and barrier";
      if (!reduces(kind) && !gathers) return "NVLink SHARP carries all_reduce, all_gather and reduce_scatter";
      if (architecture.nvls_ranks == 0)
        return fmt::format("{} has no NVLink SHARP (Hopper and later have, behind an NVSwitch)", s.architecture);
      if (algorithm == Algorithm::nvls && s.domains > 1)
        return gathers ? "NVLink SHARP ends at the NVLink domain"
                       : "NVLink SHARP ends at the NVLink domain; nvls_tree spans";
      if (algorithm == Algorithm::nvls_tree && s.domains == 1) return "nvls_tree spans domains; inside one it is nvls";
      return s.ranks_per_domain() >= 2 ? "" : "NVLink SHARP needs two GPUs in a domain";
    case Algorithm::collnet:
      if (!reduces(kind)) return "CollNet carries all_reduce and barrier";
      if (s.domains == 1) return "CollNet spans nodes; inside one it has nothing to do";
      return s.switches_add ? "" : "CollNet needs switches that add: a fat tree of InfiniBand switches (SHARP)";
  }
  return "unknown algorithm";
}

/// Microseconds, by src/graph/tuning.cc.
double nccl_estimate(const Situation& s, CollectiveKind kind, Method method, Bytes bytes) {
  const auto& architecture = nccl::architecture_of(s.architecture);
  const auto latency = nccl::latency_of(method);
  const double kilobytes = static_cast<double>(bytes.value()) / 1e3;
  if (method.algorithm == Algorithm::nvls)
    return latency.nvlink + kilobytes / (architecture.nvls_efficiency * architecture.bus_rate * nccl::nvls_bus_share);
  const double hops = passes(s, kind, Algorithm::ring).hops;
  const double hop = s.architecture.starts_with("pcie") ? latency.pcie : latency.nvlink;
  double rate = architecture.bus_rate * nccl::share_of(method.protocol);
  if (method.protocol == Protocol::ll) rate = std::min(rate, architecture.low_latency_rate);
  return latency.base + hops * hop + kilobytes / (rate * static_cast<double>(s.ranks) / hops);
}

std::vector<Method> candidates_inside(const Situation& s, CollectiveKind kind) {
  const auto& architecture = nccl::architecture_of(s.architecture);
  std::vector<Method> methods{{Algorithm::ring, Protocol::ll}};
  if (architecture.ll128) methods.push_back({Algorithm::ring, Protocol::ll128});
  methods.push_back({Algorithm::ring, Protocol::simple});
  // NCCL estimates NVLS for gathers, too; in nodes of up to eight GPUs its own constants never find it the fastest.
  const bool nvls = architecture.nvls_ranks > 0 && s.ranks >= architecture.nvls_ranks;
  if (reduces(kind) && nvls) methods.push_back({Algorithm::nvls, Protocol::simple});
  return methods;
}

std::vector<Method> candidates_between(const Situation& s, CollectiveKind kind) {
  std::vector<Method> methods;
  for (const auto protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
    methods.push_back({Algorithm::ring, protocol});
    if (reduces(kind)) methods.push_back({Algorithm::tree, protocol});
  }
  const Method trees{Algorithm::nvls_tree, Protocol::simple};
  if (s.ranks_per_domain() >= 4 && refusal(s, kind, trees).empty()) methods.push_back(trees);
  const Method pat{Algorithm::pat, Protocol::simple};  // NCCL uses it with one GPU per node
  if (s.ranks_per_domain() == 1 && refusal(s, kind, pat).empty()) methods.push_back(pat);
  return methods;
}

std::vector<Method> candidates(const Situation& s, CollectiveKind kind, Bytes bytes) {
  if (kind == CollectiveKind::all_to_all)
    return {{Algorithm::direct, bytes.value() / s.ranks < low_latency_part ? Protocol::ll : Protocol::simple}};
  if (kind == CollectiveKind::send_receive) return {{Algorithm::direct, Protocol::simple}};
  return s.domains == 1 ? candidates_inside(s, kind) : candidates_between(s, kind);
}

std::vector<Method> everything() {
  std::vector<Method> methods;
  for (std::size_t a = 0; a < algorithm_names.size(); ++a)
    for (const auto protocol : {Protocol::simple, Protocol::ll128, Protocol::ll})
      methods.push_back({static_cast<Algorithm>(a), protocol});
  return methods;
}

Method best_of(const std::vector<Method>& methods, const Situation& s, CollectiveKind kind, Bytes bytes,
               const Curves& curves) {
  const auto estimate = [&](Method m) {
    return s.domains == 1 ? nccl_estimate(s, kind, m, bytes) : alone(s, kind, m, bytes, curves).value();
  };
  return *std::ranges::min_element(methods, {}, estimate);
}

}  // namespace

std::string refusal(const Situation& s, CollectiveKind kind, Method method) {
  const auto why = why_not(s, kind, method.algorithm);
  if (!why.empty()) return why;
  const bool simple_only = method.algorithm == Algorithm::nvls || method.algorithm == Algorithm::nvls_tree ||
                           method.algorithm == Algorithm::pat || method.algorithm == Algorithm::collnet;
  if (simple_only && method.protocol != Protocol::simple)
    return fmt::format("{} works with the Simple protocol", name_of(method.algorithm));
  return "";
}

Method choose(const Situation& s, CollectiveKind kind, Bytes bytes, const Curves& curves) {
  return best_of(candidates(s, kind, bytes), s, kind, bytes, curves);
}

MethodOrRefusal choose(const Situation& s, CollectiveKind kind, Bytes bytes, std::optional<Algorithm> algorithm,
                       std::optional<Protocol> protocol, const Curves& curves) {
  const auto fits = [&](Method m) {
    return (!algorithm || m.algorithm == *algorithm) && (!protocol || m.protocol == *protocol);
  };
  auto usual = candidates(s, kind, bytes);
  std::erase_if(usual, [&](Method m) { return !fits(m); });
  if (!usual.empty()) return {best_of(usual, s, kind, bytes, curves), {}};
  std::string why = "nothing carries this";
  for (const auto method : everything()) {
    if (!fits(method)) continue;
    const auto refused = refusal(s, kind, method);
    if (refused.empty()) return {method, {}};
    if (!algorithm || method.algorithm == *algorithm) why = refused;
  }
  return {{}, why};
}

}  // namespace plenum::calibration
