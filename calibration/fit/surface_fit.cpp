#include "calibration/fit/surface_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace plenum::calibration {
namespace {

// Relative deviation (in log2) below which a measurement counts as met; scatter between repeated runs is of this size.
constexpr double met = 0.03;
constexpr int reweightings = 6;
constexpr int gradient_steps = 250;
// Weight of a second difference between neighbouring nodes against one measurement.
constexpr double smoothness = 0.0225;

/// Symmetric matrix over the nodes of a grid; entries only between nodes at most two apart on one axis, or one on each.
class GridMatrix {
 public:
  explicit GridMatrix(const Surface& grid);
  void clear() { std::fill(values_.begin(), values_.end(), 0.0); }
  void add(std::size_t row, std::size_t column, double value) { values_[row * width + slot(row, column)] += value; }
  double diagonal(std::size_t row) const { return values_[row * width + slot(row, row)]; }
  void multiply(const std::vector<double>& x, std::vector<double>& y) const;

 private:
  static constexpr std::size_t width = 125;  // 5 x 5 x 5 neighbourhood
  std::size_t slot(std::size_t row, std::size_t column) const;

  struct Band {
    std::size_t slot = 0;
    std::ptrdiff_t shift = 0;  ///< from row to column
  };
  std::array<std::size_t, 3> extent_{};
  std::size_t size_ = 0;
  std::vector<Band> bands_;  ///< the 33 of the neighbourhood that a fit can fill
  std::vector<double> values_;
};

GridMatrix::GridMatrix(const Surface& grid) {
  size_ = 1;
  for (std::size_t a = 0; a < 3; ++a) size_ *= extent_[a] = grid.nodes[a].size();
  values_.assign(size_ * width, 0.0);
  for (std::size_t slot = 0; slot < width; ++slot) {
    const std::array<std::ptrdiff_t, 3> away{std::ptrdiff_t(slot / 25) - 2, std::ptrdiff_t(slot / 5 % 5) - 2,
                                             std::ptrdiff_t(slot % 5) - 2};
    std::ptrdiff_t farthest = 0, sum = 0;
    for (const std::ptrdiff_t steps : away) {
      farthest = std::max(farthest, std::abs(steps));
      sum += std::abs(steps);
    }
    if (farthest < 2 || sum == 2)
      bands_.push_back({slot, (away[0] * std::ptrdiff_t(extent_[1]) + away[1]) * std::ptrdiff_t(extent_[2]) + away[2]});
  }
}

std::size_t GridMatrix::slot(std::size_t row, std::size_t column) const {
  std::size_t result = 0, scale = 1;
  for (std::size_t a = 3; a-- > 0;) {
    result += (column % extent_[a] + 2 - row % extent_[a]) * scale;
    row /= extent_[a];
    column /= extent_[a];
    scale *= 5;
  }
  return result;
}

void GridMatrix::multiply(const std::vector<double>& x, std::vector<double>& y) const {
  for (std::size_t row = 0; row < size_; ++row) {
    double sum = 0;
    for (const Band& band : bands_)
      if (const double value = values_[row * width + band.slot]; value != 0)
        sum += value * x[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(row) + band.shift)];
    y[row] = sum;
  }
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Conjugate gradients with the diagonal as preconditioner; `x` holds the start and receives the solution.
void solve(const GridMatrix& matrix, const std::vector<double>& right, std::vector<double>& x) {
  const std::size_t n = x.size();
  std::vector<double> residual(n), scaled(n), direction(n), image(n);
  matrix.multiply(x, image);
  for (std::size_t i = 0; i < n; ++i) residual[i] = right[i] - image[i];
  const auto precondition = [&] {
    for (std::size_t i = 0; i < n; ++i) scaled[i] = residual[i] / matrix.diagonal(i);
  };
  precondition();
  direction = scaled;
  double norm = dot(residual, scaled);
  for (int step = 0; step < gradient_steps && norm > 1e-18; ++step) {
    matrix.multiply(direction, image);
    const double length = norm / dot(direction, image);
    for (std::size_t i = 0; i < n; ++i) x[i] += length * direction[i];
    for (std::size_t i = 0; i < n; ++i) residual[i] -= length * image[i];
    precondition();
    const double next = dot(residual, scaled);
    for (std::size_t i = 0; i < n; ++i) direction[i] = scaled[i] + next / norm * direction[i];
    norm = next;
  }
}

/// Penalty on the second difference of three neighbours in a row: (a - 2 b + c)^2.
void add_smoothness(const Surface& grid, double ridge, GridMatrix& matrix) {
  const std::array<std::size_t, 3> extent{grid.nodes[0].size(), grid.nodes[1].size(), grid.nodes[2].size()};
  const std::array<std::size_t, 3> stride{extent[1] * extent[2], extent[2], 1};
  constexpr std::array<double, 3> factor{1, -2, 1};
  for (std::size_t row = 0; row < extent[0] * stride[0]; ++row) {
    matrix.add(row, row, ridge);
    for (std::size_t a = 0; a < 3; ++a) {
      if (row / stride[a] % extent[a] + 2 >= extent[a]) continue;
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
          matrix.add(row + i * stride[a], row + j * stride[a], smoothness * factor[i] * factor[j]);
    }
  }
}

}  // namespace

double four_digits(double value) { return std::strtod(fmt::format("{:.4g}", value).c_str(), nullptr); }

std::vector<double> fit_nodes(const Surface& grid, const std::vector<Corners>& corners,
                              const std::vector<double>& log_time, double ridge) {
  std::vector<double> values(grid.microseconds.size(), 0.0), right(values.size()), weight(corners.size(), 1.0);
  GridMatrix matrix(grid);
  for (int pass = 0; pass < reweightings; ++pass) {
    matrix.clear();
    std::fill(right.begin(), right.end(), 0.0);
    add_smoothness(grid, ridge, matrix);
    for (std::size_t s = 0; s < corners.size(); ++s)
      for (std::size_t i = 0; i < 8; ++i) {
        const double share = weight[s] * corners[s].weight[i];
        if (share == 0) continue;
        right[corners[s].index[i]] += share * log_time[s];
        for (std::size_t j = 0; j < 8; ++j)
          matrix.add(corners[s].index[i], corners[s].index[j], share * corners[s].weight[j]);
      }
    solve(matrix, right, values);
    for (std::size_t s = 0; s < corners.size(); ++s) {
      double fitted = 0;
      for (std::size_t i = 0; i < 8; ++i) fitted += corners[s].weight[i] * values[corners[s].index[i]];
      weight[s] = met / std::max(std::abs(log_time[s] - fitted), met);
    }
  }
  return values;
}

double three_digits(double value) { return std::strtod(fmt::format("{:.3g}", value).c_str(), nullptr); }

namespace {

/// Logarithms of the prior at the nodes.
std::vector<double> log_prior(const std::array<std::vector<double>, 3>& nodes, const Prior& prior) {
  std::vector<double> values;
  for (const double x : nodes[0])
    for (const double y : nodes[1])
      for (const double z : nodes[2]) values.push_back(prior ? std::log2(prior({x, y, z})) : 0.0);
  return values;
}

}  // namespace

Surface fit_surface(const std::array<std::vector<double>, 3>& nodes, const std::vector<Sample>& samples,
                    const Prior& prior) {
  constexpr double prior_ridge = 1e-3;
  Surface grid{nodes, std::vector<double>(nodes[0].size() * nodes[1].size() * nodes[2].size(), 1.0)};
  const PreparedSurface geometry(grid);
  const std::vector<double> expected = log_prior(nodes, prior);
  std::vector<Corners> corners;
  std::vector<double> log_time;
  for (const Sample& sample : samples) {
    corners.push_back(geometry.corners(sample.sizes));
    // as PreparedSurface continues them; prompts beyond the last length, which grow faster, are in no table
    log_time.push_back(std::log2(sample.microseconds / geometry.beyond(sample.sizes)));
    if (prior)
      for (std::size_t i = 0; i < 8; ++i)
        log_time.back() -= corners.back().weight[i] * expected[corners.back().index[i]];
  }
  const auto values = prior ? fit_nodes(grid, corners, log_time, prior_ridge) : fit_nodes(grid, corners, log_time);
  for (std::size_t i = 0; i < values.size(); ++i) grid.microseconds[i] = std::exp2(values[i] + expected[i]);
  make_monotone(grid);
  for (double& time : grid.microseconds) time = four_digits(time);
  return grid;
}

}  // namespace plenum::calibration
