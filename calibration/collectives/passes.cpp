// Hops and bytes of the algorithms, per buffer. n ranks in d domains of m ranks.
#include <bit>
#include <cmath>

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
  if (nvls) return {1 + up, up, 1 + 1 / m, network};
  return {rounds * (m - 1) + up, up, rounds * (m - 1) / m, network};
}

Passes direct(CollectiveKind kind, const Situation& s) {
  const bool crosses = s.domains > 1;
  if (kind == CollectiveKind::send_receive) return {1, crosses ? 1.0 : 0.0, 1, crosses ? 1.0 : 0.0};
  const double n = static_cast<double>(s.ranks), m = static_cast<double>(s.ranks_per_domain());
  // What leaves the domain goes over the link to the GPU on the rail of its destination first.
  return {n - 1, crosses ? 1.0 : 0.0, (m - 1) / m, crosses ? m * (n - m) / n : 0};
}

Passes logarithmic(CollectiveKind kind, const Situation& s) {
  const double n = static_cast<double>(s.ranks), m = static_cast<double>(s.ranks_per_domain());
  const double rounds = kind == CollectiveKind::all_reduce || kind == CollectiveKind::barrier ? 2 : 1;
  const double network_hops = s.domains == 1 ? 0 : rounds * logarithm(s.domains);
  return {rounds * logarithm(s.ranks), network_hops, rounds * (m - 1) / n, rounds * m * (n - m) / n};
}

/// PAT's distances 1, 2, 4 ... go round: the last rank of a domain sends all of its parts out, the first one those of
/// distances below m to its neighbours. (NCCL uses it with one rank per domain.)
Passes pat(CollectiveKind kind, const Situation& s) {
  auto passed = logarithmic(kind, s);
  const double n = static_cast<double>(s.ranks), m = static_cast<double>(s.ranks_per_domain());
  if (s.domains == 1) return passed;
  passed.link = static_cast<double>(std::bit_ceil(static_cast<std::uint64_t>(s.ranks_per_domain())) - 1) / n;
  passed.network = m * (n - 1) / n;
  return passed;
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
      return pat(kind, s);
    case CollectiveAlgorithm::halving_doubling:
      return logarithmic(kind, s);
    case CollectiveAlgorithm::hierarchical:
      return hierarchical(kind, s);
    case CollectiveAlgorithm::collnet:
      return collnet(s);
    default:
      return ring(kind, static_cast<double>(s.ranks), static_cast<double>(s.domains));
  }
}

}  // namespace plenum::calibration
