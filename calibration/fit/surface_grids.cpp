#include "calibration/fit/surface_grids.hpp"

#include <cmath>

#include "calibration/kernel_curves.hpp"

namespace plenum::calibration {
namespace {

std::vector<double> powers_of_two(int first, int last) {
  std::vector<double> result;
  for (int e = first; e <= last; ++e) result.push_back(std::ldexp(1.0, e));
  return result;
}

}  // namespace

// The recorded tables span m 1-32768 (in effective rows from 16), n and k 32-65536; prompts of 16-16384 tokens, up to
// 256 x 96 heads, 1-96 heads per KV head. Rows have pairs of nodes where a tile ends and the next begins.
std::array<std::vector<double>, 3> product_nodes() {
  const std::vector<double> rows{16, 64, 65, 128, 129, 256, 257, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  return {rows, powers_of_two(5, 16), powers_of_two(5, 16)};
}
std::array<std::vector<double>, 3> attention_nodes() {
  return {powers_of_two(4, 14), powers_of_two(0, 14), {1.0 / 64, 1.0 / 16, 1.0 / 4, 1}};
}

Sizes sizes_of(const ProductShape& s) { return {effective_rows(double(s.m)), double(s.n), double(s.k)}; }
Sizes sizes_of(const AttentionShape& s) {
  return {double(s.length), double(s.batch * s.heads), double(s.kv_heads) / double(s.heads)};
}

}  // namespace plenum::calibration
