#include "calibration/kernels/kernel_family.hpp"

namespace plenum::calibration {
namespace {

std::vector<double> from_to(double first, double last, double factor) {
  std::vector<double> result;
  for (double x = first; x <= last; x *= factor) result.push_back(x);
  return result;
}

// Nodes span what the tables measured: prompts of 16-32768 tokens, up to 256 x 96 heads, contexts of 2-131072 tokens,
// 1-256 experts of 32-16384 columns, rows 1-32768.
std::array<RooflineGrid, family_names.size()> make_grids() {
  const std::array<bool, 3> two{true, true, false}, all{true, true, true}, none{}, but_rows{false, true, true};
  const auto kv_shares = std::vector<double>{1.0 / 64, 1.0 / 16, 1.0 / 4, 1};
  const auto experts = RooflineGrid{{from_to(1, 16384, 4), from_to(1, 1024, 4), from_to(32, 16384, 2)}, none, two};
  // Pairs at the edges of tiles: the first row of a tile may double the time, and its last ones win most of it back.
  const std::vector<double> layer_rows{1,   16,  17,  32,  64,   65,   96,    128,  129,
                                       192, 256, 257, 512, 1024, 4096, 16384, 65536};
  const std::vector<double> layer_columns{64, 512, 2048, 4096, 8192, 16384, 65536};
  return {{
      {{from_to(16, 16384, 4), from_to(1, 16384, 4), kv_shares}, two, two},
      {{from_to(1, 16384, 4), from_to(2, 131072, 4), from_to(1, 64, 2)}, two, two},
      {{from_to(16, 65536, 4), from_to(1, 256, 4), {1, 8, 32, 128}}, all, all},
      {{from_to(1, 1024, 4), from_to(2, 131072, 4), from_to(1, 128, 2)}, two, two},
      {{from_to(1, 65536, 4), from_to(1, 128, 2), {1, 2}}, two, two},
      experts,
      experts,
      {{layer_rows, layer_columns, layer_columns}, all, but_rows},
  }};
}

}  // namespace

const RooflineGrid& grid_of(KernelFamily family) {
  static const auto grids = make_grids();
  return grids[static_cast<std::size_t>(family)];
}

}  // namespace plenum::calibration
