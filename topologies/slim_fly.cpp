#include <set>

#include "topologies/switch_graph.hpp"

namespace plenum::topology {
namespace {

bool is_prime(std::int64_t q) {
  for (std::int64_t d = 2; d * d <= q; ++d)
    if (q % d == 0) return false;
  return q > 1;
}

/// Smallest number whose powers are all of 1 .. q - 1.
std::int64_t primitive_root(std::int64_t q) {
  for (std::int64_t root = 2; root < q; ++root) {
    std::set<std::int64_t> powers;
    for (std::int64_t value = 1; powers.insert(value).second;) value = value * root % q;
    if (static_cast<std::int64_t>(powers.size()) == q - 1) return root;
  }
  return 1;
}

}  // namespace

constexpr std::int64_t largest_q = 257;

bool has_slim_fly(std::int64_t q) { return q >= 5 && q <= largest_q && q % 4 == 1 && is_prime(q); }

/// Routers (0, x, y) and (1, m, c). Within a column, y and y' are joined where they differ by an even power of the
/// primitive root (first half) or an odd one (second half); (0, x, y) and (1, m, c) where y = m x + c.
SwitchGraph slim_fly(std::int64_t q, std::int64_t cables) {
  SwitchGraph graph{.leaves = 2 * q * q};
  const auto root = primitive_root(q);
  std::set<std::int64_t> generators[2];
  for (std::int64_t k = 0, value = 1; k < q - 1; ++k, value = value * root % q) generators[k % 2].insert(value);
  for (std::int64_t half = 0; half < 2; ++half)
    for (std::int64_t column = 0; column < q; ++column)
      for (std::int64_t y = 0; y < q; ++y)
        for (std::int64_t other = y + 1; other < q; ++other)
          if (generators[half].count(other - y) > 0)
            graph.cables.push_back({(half * q + column) * q + y, (half * q + column) * q + other, cables});
  for (std::int64_t x = 0; x < q; ++x)
    for (std::int64_t m = 0; m < q; ++m)
      for (std::int64_t c = 0; c < q; ++c) graph.cables.push_back({x * q + (m * x + c) % q, (q + m) * q + c, cables});
  return graph;
}

}  // namespace plenum::topology
