// What "maximum" takes away, against what is drawn.
#include "workloads/serving/length_cut.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace plenum::workload {
namespace {

class LengthsCut : public testing::TestWithParam<LengthSpecification> {};

// Lengths are whole tokens: half a token at the most is rounded away.
TEST_P(LengthsCut, AsManyAsAreDrawn) {
  constexpr int many = 100000;
  auto whole = GetParam();
  whole.maximum = 1 << 20;
  RandomStream random(1, "lengths");
  double longer = 0, sum = 0, squares = 0;
  for (int i = 0; i < many; ++i) {
    const double length = draw(whole, random), kept = std::min(length, static_cast<double>(GetParam().maximum));
    longer += length > kept ? 1 : 0;
    sum += kept;
    squares += kept * kept;
  }
  const double mean = sum / many, error = std::sqrt(std::max(0.0, squares / many - mean * mean) / many);
  const auto cut = cut_by_maximum(GetParam());
  EXPECT_NEAR(cut.mean, mean, 4 * error + 0.5);
  EXPECT_NEAR(cut.share, longer / many, 4 * 0.5 / std::sqrt(many) + 1e-3);
}

constexpr LengthKind log_normal = LengthKind::log_normal, uniform = LengthKind::uniform;
INSTANTIATE_TEST_SUITE_P(
    Kinds, LengthsCut,
    testing::Values(
        LengthSpecification{.tokens = 2000, .maximum = 1500}, LengthSpecification{.tokens = 2000},
        LengthSpecification{.kind = uniform, .tokens = 2000, .minimum = 500, .maximum = 1500},
        LengthSpecification{.kind = uniform, .tokens = 2000, .minimum = 500},
        LengthSpecification{.kind = log_normal, .tokens = 2000, .maximum = 3000},
        LengthSpecification{
            .kind = log_normal, .tokens = 1000, .minimum = 900, .maximum = 1100, .coefficient_of_variation = 1},
        LengthSpecification{.kind = log_normal, .tokens = 2000, .maximum = 900, .coefficient_of_variation = 0.5}));

}  // namespace
}  // namespace plenum::workload
