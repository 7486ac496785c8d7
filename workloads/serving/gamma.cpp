#include "workloads/serving/gamma.hpp"

#include <cmath>

namespace plenum::workload {

double draw_gamma(double shape, RandomStream& random) {
  if (shape < 1) {
    const double boost = std::pow(1 - random.uniform(), 1 / shape);
    return boost * draw_gamma(shape + 1, random);
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal(0, 1), v = std::pow(1 + c * x, 3);
    const double u = 1 - random.uniform();
    if (v > 0 && std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace plenum::workload
