#include "calibration/fit/errors.hpp"

#include <algorithm>
#include <cmath>

#include "calibration/fit/surface_fit.hpp"

namespace plenum::calibration {
namespace {

constexpr double long_kernel = 50;  // us: the two classes of kernel times

}  // namespace

double quantile(std::vector<double> values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

void Errors::add(double predicted, double measured, double cast) {
  const double published = measured + cast;
  (published > long_kernel ? above_ : below_).push_back(std::abs((predicted - measured) / published));
}

void Errors::report(const std::string& family, Framework framework, Precision precision,
                    std::vector<Accuracy>& accuracy) const {
  for (const auto& [errors, size] : {std::pair(&above_, "above 50 us"), std::pair(&below_, "below 50 us")})
    if (!errors->empty())
      accuracy.push_back({family, framework, precision, size, static_cast<std::int64_t>(errors->size()),
                          four_digits(quantile(*errors, 0.5)), four_digits(quantile(*errors, 0.9))});
}

}  // namespace plenum::calibration
