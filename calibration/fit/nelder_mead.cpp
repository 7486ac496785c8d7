#include "calibration/fit/nelder_mead.hpp"

#include <algorithm>
#include <cmath>

namespace plenum::calibration {
namespace {

using Point = std::vector<double>;
constexpr int iterations = 1500;
constexpr double tolerance = 1e-7;  // of the objective, between the best and the worst corner

struct Corner {
  Point at;
  double value;
};

class Simplex {
 public:
  Simplex(const Objective& f, const Point& start, double step) : f_(f) {
    corners_.push_back(evaluated(start));
    for (std::size_t i = 0; i < start.size(); ++i) {
      auto moved = start;
      moved[i] += step;
      corners_.push_back(evaluated(std::move(moved)));
    }
  }

  Point descend() {
    for (int i = 0; i < iterations; ++i) {
      std::ranges::stable_sort(corners_, {}, &Corner::value);
      const double best = corners_.front().value, worst = corners_.back().value;
      if (std::abs(worst - best) <= tolerance * (std::abs(best) + tolerance)) break;
      replace_worst();
    }
    return std::ranges::min_element(corners_, {}, &Corner::value)->at;
  }

 private:
  Corner evaluated(Point at) const {
    const double value = f_(at);
    return {std::move(at), value};
  }

  /// From the worst corner through the centre of the others: 1 is its mirror image.
  Corner along(const Point& centre, double distance) const {
    Point at(centre);
    for (std::size_t i = 0; i < at.size(); ++i) at[i] += distance * (centre[i] - corners_.back().at[i]);
    return evaluated(std::move(at));
  }

  Point centre() const {
    Point sum(corners_.front().at.size(), 0.0);
    for (std::size_t c = 0; c + 1 < corners_.size(); ++c)
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += corners_[c].at[i];
    for (auto& x : sum) x /= static_cast<double>(corners_.size() - 1);
    return sum;
  }

  void replace_worst() {
    const auto middle = centre();
    auto reflected = along(middle, 1);
    if (reflected.value < corners_.front().value) {
      auto expanded = along(middle, 2);
      corners_.back() = expanded.value < reflected.value ? std::move(expanded) : std::move(reflected);
    } else if (reflected.value < corners_[corners_.size() - 2].value) {
      corners_.back() = std::move(reflected);
    } else if (auto contracted = along(middle, -0.5); contracted.value < corners_.back().value) {
      corners_.back() = std::move(contracted);
    } else {
      shrink();
    }
  }

  void shrink() {
    const auto best = corners_.front().at;
    for (std::size_t c = 1; c < corners_.size(); ++c) {
      auto at = corners_[c].at;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = (at[i] + best[i]) / 2;
      corners_[c] = evaluated(std::move(at));
    }
  }

  const Objective& f_;
  std::vector<Corner> corners_;
};

}  // namespace

std::vector<double> minimize(const Objective& f, std::vector<double> start, double step) {
  for (const double edge : {step, step / 2, -step, step / 4, step, -step / 4}) start = Simplex(f, start, edge).descend();
  return start;
}

}  // namespace plenum::calibration
