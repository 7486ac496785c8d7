#include "calibration/kernels/roofline_surface.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "calibration/kernels/roofline_curves.hpp"

namespace plenum::calibration {
namespace {

const RooflineGrid grid{
    {std::vector<double>{1, 16, 256}, {2, 32, 512}, {1, 8}}, {true, true, false}, {true, true, false}};
double roofline(const Sizes& s) { return 3 + 0.01 * s[0] * s[1] * std::sqrt(s[2]); }

/// Ratios for which the time at the nodes is twice the roofline along the first axis' nodes, thrice at its end.
PreparedRooflineCurve curve_with(const std::vector<double>& by_first_axis) {
  PreparedRooflineCurve curve;
  for (const double ratio : by_first_axis) curve.log2_ratio.insert(curve.log2_ratio.end(), 6, std::log2(ratio));
  return curve;
}
double time(const PreparedRooflineCurve& curve, const Sizes& sizes) {
  return microseconds(curve, grid, sizes, roofline);
}

TEST(RooflineSurface, IsTheRatioTimesTheRooflineAtEveryNode) {
  const auto curve = curve_with({2, 3, 4});
  for (std::size_t i = 0; i < 3; ++i)
    for (const double y : grid.nodes[1])
      for (const double z : grid.nodes[2]) {
        const Sizes sizes{grid.nodes[0][i], y, z};
        EXPECT_NEAR(time(curve, sizes), double(2 + i) * roofline(sizes), 1e-9 * roofline(sizes));
      }
}

TEST(RooflineSurface, KeepsTheLastEfficiencyBeyondItsNodes) {
  const auto curve = curve_with({2, 3, 4});
  const Sizes beyond{4096, 8192, 64}, before{0.25, 1, 0.5};
  EXPECT_NEAR(time(curve, beyond), 4 * roofline(beyond), 1e-9 * roofline(beyond));
  EXPECT_NEAR(time(curve, before), 2 * roofline(before), 1e-9 * roofline(before));
}

// Efficiency improves fourfold from the first to the second node, yet the times at them grow: by construction no dip
// lies between them, which interpolation of the efficiency in the logarithm of the size would have where the roofline
// is flat.
TEST(RooflineSurface, GrowsBetweenNodesWhoseTimesGrow) {
  const auto curve = curve_with({4, 2, 1});
  EXPECT_TRUE(rc::check([&] {
    const double y = *rc::gen::inRange(512, 600) * 1.0;  // times at the nodes grow from here on
    const double x = *rc::gen::inRange(100, 25600) / 100.0, more = *rc::gen::inRange(0, 1000) / 100.0;
    RC_ASSERT(time(curve, {x + more, y, 4}) * (1 + 1e-12) >= time(curve, {x, y, 4}));
  }));
}

}  // namespace
}  // namespace plenum::calibration
