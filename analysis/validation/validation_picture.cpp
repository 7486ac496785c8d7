#include "analysis/validation/validation_picture.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "calibration/show/chart.hpp"

namespace plenum::analysis {
namespace {

using calibration::Chart;
using calibration::Series;

constexpr double width = 720, height = 620;

/// Colours that stay apart for most readers with colour blindness (Tableau 10, two darker ones).
constexpr std::array colours{"#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f",
                             "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#666666", "#123f7a", "#0b5d1e"};

struct Limits {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  void hold(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::vector<Series> points(const Validation& validation, std::size_t quantity, Limits& limits) {
  std::map<std::string, Series> groups;
  for (const auto& row : validation.rows) {
    if (!row.judged || !row.reason.empty() || !row.quantities[quantity].error()) continue;
    const auto& q = row.quantities[quantity];
    groups[row.labels.at(std::string(validation.coloured_by))].points.emplace_back(*q.measured, *q.predicted);
    limits.hold(*q.measured);
    limits.hold(*q.predicted);
  }
  std::vector<Series> series;
  for (auto& [name, group] : groups) {
    group.name = name.empty() ? "-" : name;
    group.colour = colours[series.size() % colours.size()];
    group.opacity = 0.75;
    group.radius = 2.6;
    series.push_back(std::move(group));
  }
  return series;
}

/// predicted = factor x measured.
Series line(double factor, const Limits& limits, std::string name) {
  const double low = std::max(limits.low, limits.low / factor), high = std::min(limits.high, limits.high / factor);
  return {std::move(name), factor == 1 ? "#333333" : "#bbbbbb", {{low, factor * low}, {high, factor * high}}, true};
}

std::string chart_of(const Validation& validation, std::size_t quantity, double left) {
  Limits limits;
  auto series = points(validation, quantity, limits);
  if (series.empty()) return {};
  limits = {limits.low / 1.2, limits.high * 1.2};
  const auto& what = validation.rows.front().quantities[quantity];
  Chart chart{.title = fmt::format("{}: predicted against measured, by {}", what.name, validation.coloured_by),
              .x_title = fmt::format("measured, {}", what.unit),
              .y_title = fmt::format("predicted, {}", what.unit),
              .x = {limits.low, limits.high},
              .y = {limits.low, limits.high},
              .series = {line(1, limits, "equal"), line(1.2, limits, "20 % apart"), line(1 / 1.2, limits, "")}};
  chart.series.insert(chart.series.end(), series.begin(), series.end());
  return draw(chart, left, 0, width, height);
}

}  // namespace

std::string picture_of(const Validation& validation) {
  const std::size_t quantities = validation.rows.empty() ? 0 : validation.rows.front().quantities.size();
  std::string charts;
  for (std::size_t i = 0; i < quantities; ++i) charts += chart_of(validation, i, width * static_cast<double>(i));
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
             "{1:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n",
             width * static_cast<double>(std::max<std::size_t>(1, quantities)), height) +
         "<style>.frame{fill:none;stroke:#888}.grid{stroke:#e4e4e4}.title{font-size:14px;font-weight:bold}</style>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
         charts + "</svg>\n";
}

}  // namespace plenum::analysis
