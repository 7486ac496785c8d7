#include "calibration/drift/rank_test.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace plenum::calibration {
namespace {

/// Share of all arrangements of `n` and `m` values whose count of pairs (one of the n below one of the m) is each
/// number from 0 to n m: the recursion of Mann and Whitney, on the largest value belonging to the one or the other.
std::vector<double> shares(std::size_t n, std::size_t m) {
  std::vector<std::vector<double>> by_m(m + 1, std::vector<double>(n * m + 1, 0.0));  // for the current n
  for (auto& row : by_m) row[0] = 1;                                                  // n = 0: no pairs
  for (std::size_t i = 1; i <= n; ++i) {
    auto before = by_m;  // for i - 1
    for (std::size_t j = 1; j <= m; ++j)
      for (std::size_t u = 0; u <= i * j; ++u) {
        const double without = u <= (i - 1) * j ? before[j][u] : 0;                   // the largest is one of the n
        const double with = u >= i && u - i <= i * (j - 1) ? by_m[j - 1][u - i] : 0;  // one of the m, above all n
        by_m[j][u] = (double(i) * without + double(j) * with) / double(i + j);
      }
  }
  return by_m[m];
}

}  // namespace

double larger_by_chance(const std::vector<double>& earlier, const std::vector<double>& later) {
  double pairs = 0;
  for (const double a : earlier)
    for (const double b : later) pairs += b > a ? 1 : b == a ? 0.5 : 0;
  // Measurements have few different numbers of repetitions, and thousands of kernels.
  thread_local std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> known;
  auto& share = known[{earlier.size(), later.size()}];
  if (share.empty()) share = shares(earlier.size(), later.size());
  double probability = 0;
  for (auto u = static_cast<std::size_t>(std::floor(pairs)); u < share.size(); ++u) probability += share[u];
  return probability;
}

}  // namespace plenum::calibration
