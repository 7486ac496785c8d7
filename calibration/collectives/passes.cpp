// Hops and bytes of the algorithms, per buffer. n ranks in d domains of m ranks.
#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "calibration/collectives/timing.hpp"

namespace plenum::calibration {
namespace {

double logarithm(std::int64_t n) { return static_cast<double>(std::bit_width(static_cast<std::uint64_t>(n - 1))); }

/// A ring hop that leaves the domain does not use the link inside it: one hop of m.
Passes ring(CollectiveKind kind, double n, double domains) {
  const double rounds = kind == CollectiveKind::all_reduce || kind == CollectiveKind::barrier ? 2 : 1;
  const bool whole = kind == CollectiveKind::broadcast || kind == CollectiveKind::reduce;
  const double share = whole ? 1 : rounds * (n - 1) / n;
  const double m = n / domains, inside = whole || domains == 1 ? share : share * (m - 1) / m;
  return {rounds * (n - 1), rounds * (domains - 1), inside, domains > 1 ? share : 0};
}

/// Double binary tree: every domain is a leaf of one tree and an inner node of the other, each with half of the bytes.
Passes tree(CollectiveKind kind, const Situation& s, bool nvls) {
  const double m = static_cast<double>(s.ranks_per_domain());
  const double rounds = kind == CollectiveKind::all_reduce || kind == CollectiveKind::barrier ? 2 : 1;
  const double network = s.domains == 1 ? 0 : s.domains == 2 ? rounds / 2 : rounds;
  const double up = s.domains == 1 ? 0 : rounds * logarithm(s.domains);
  const bool gathers = kind == CollectiveKind::all_gather || kind == CollectiveKind::reduce_scatter;
  if (nvls) return {1 + up, up, gathers ? 1 : 1 + 1 / m, network};
  return {rounds * (m - 1) + up, up, rounds * (m - 1) / m, network};
}

Passes direct(CollectiveKind kind, const Situation& s) {
  const bool crosses = s.domains > 1;
  if (kind == CollectiveKind::send_receive) return {1, crosses ? 1.0 : 0.0, 1, crosses ? 1.0 : 0.0};
  const double n = static_cast<double>(s.ranks), m = static_cast<double>(s.ranks_per_domain());
  // What leaves the domain goes over the link to the GPU on the rail of its destination first.
  return {n - 1, crosses ? 1.0 : 0.0, (m - 1) / m, crosses ? m * (n - m) / n : 0};
}

/// PAT's distances 1, 2, 4 ... go round: the last rank of a domain sends all of its parts out, the first one those of
/// distances below m to its neighbours. (NCCL uses it with one rank per domain.)
Passes pat(const Situation& s) {
  const double n = static_cast<double>(s.ranks), m = static_cast<double>(s.ranks_per_domain());
  if (s.domains == 1) return {logarithm(s.ranks), 0, (m - 1) / n, 0};
  const auto within = static_cast<double>(std::bit_ceil(static_cast<std::uint64_t>(s.ranks_per_domain())) - 1);
  return {logarithm(s.ranks), logarithm(s.domains), within / n, m * (n - 1) / n};
}

/// Rabenseifner's halving and doubling, as workload::halving_doubling() has it: the busiest rank counts, inside its
/// domain and out of it.
Passes halving_doubling(const Situation& s) {
  const auto powers = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(s.ranks)));
  const std::int64_t others = s.ranks - powers, m = s.ranks_per_domain();
  const auto rank = [others](std::int64_t i) { return i < others ? 2 * i : i + others; };
  Passes passes;
  std::vector<bool> crosses(static_cast<std::size_t>(std::countr_zero(static_cast<std::uint64_t>(powers)) + 1));
  for (std::int64_t i = 0; i < powers; ++i) {
    double link = 0, network = 0;
    const auto add = [&](std::int64_t partner, double share, std::size_t step) {
      const bool leaves = rank(i) / m != partner / m;
      (leaves ? network : link) += share;
      if (leaves) crosses[step] = true;
    };
    std::size_t step = 0;
    for (std::int64_t distance = 1; distance < powers; distance *= 2)
      add(rank(i ^ distance), 2.0 * static_cast<double>(distance) / static_cast<double>(powers), step++);
    if (i < others) add(rank(i) + 1, 1, step);
    passes.link = std::max(passes.link, link);
    passes.network = std::max(passes.network, network * static_cast<double>(m));
  }
  passes.hops = 2 * (static_cast<double>(crosses.size()) - (others > 0 ? 0 : 1));
  passes.network_hops = 2 * static_cast<double>(std::ranges::count(crosses, true));
  return passes;
}

Passes hierarchical(CollectiveKind kind, const Situation& s) {
  const double m = static_cast<double>(s.ranks_per_domain()), d = static_cast<double>(s.domains);
  const double rounds = kind == CollectiveKind::all_reduce ? 2 : 1;
  return {rounds * (m - 1 + d - 1), rounds * (d - 1), rounds * (m - 1) / m, d > 1 ? rounds * (d - 1) / d : 0};
}

/// Reduce-scatter and all-gather inside the domain; each NIC sends its part of the sum once and gets it back once.
Passes collnet(const Situation& s) {
  const double m = static_cast<double>(s.ranks_per_domain());
  return {m > 1 ? 3.0 : 1.0, 1, 2 * (m - 1) / m, 1};
}

}  // namespace

Passes passes(const Situation& s, CollectiveKind kind, CollectiveAlgorithm algorithm) {
  switch (algorithm) {
    case CollectiveAlgorithm::tree:
      return tree(kind, s, false);
    case CollectiveAlgorithm::nvls:
    case CollectiveAlgorithm::nvls_tree:
      return tree(kind, s, true);
    case CollectiveAlgorithm::direct:
      return direct(kind, s);
    case CollectiveAlgorithm::pat:
      return pat(s);
    case CollectiveAlgorithm::halving_doubling:
      return halving_doubling(s);
    case CollectiveAlgorithm::hierarchical:
      return hierarchical(kind, s);
    case CollectiveAlgorithm::collnet:
      return collnet(s);
    default:
      return ring(kind, static_cast<double>(s.ranks), static_cast<double>(s.domains));
  }
}

}  // namespace plenum::calibration
