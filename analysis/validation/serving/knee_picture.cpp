#include "analysis/validation/serving/knee_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "calibration/show/chart.hpp"

namespace plenum::analysis {
namespace {

using calibration::Chart;
using calibration::Series;

constexpr double width = 640, height = 480;
constexpr double legend_room = 8;  // of the logarithmic y axis, below the lowest point
constexpr std::array colours{"#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#e15759", "#9c755f", "#123f7a", "#666666"};

/// Requests per second of a row; 0 where it has none, infinite where there is no limit.
double rate_of(const ValidationRow& row) {
  const auto label = row.labels.find("rate");
  double rate = 0;
  if (label != row.labels.end())
    std::from_chars(label->second.data(), label->second.data() + label->second.size(), rate);
  return rate;
}

/// Measured dots and a predicted line for each model and lengths.
std::vector<Series> curves(const Validation& validation, std::size_t quantity) {
  std::map<std::string, std::pair<Series, Series>> groups;
  for (const auto& row : validation.rows) {
    const auto& q = row.quantities[quantity];
    const double rate = rate_of(row);
    if (rate <= 0 || !std::isfinite(rate) || !q.error()) continue;
    auto& [measured, predicted] = groups[row.labels.at("model") + ", " + row.labels.at("lengths")];
    measured.points.emplace_back(rate, *q.measured);
    predicted.points.emplace_back(rate, *q.predicted);
  }
  std::vector<Series> series;
  for (auto& [name, group] : groups) {
    auto& [measured, predicted] = group;
    std::ranges::sort(predicted.points);
    predicted.name = name;
    predicted.line = true;
    measured.radius = 3.5;
    measured.colour = predicted.colour = colours[series.size() / 2 % colours.size()];
    series.push_back(std::move(predicted));
    series.push_back(std::move(measured));
  }
  return series;
}

std::string chart_of(const Validation& validation, std::size_t quantity, double left) {
  const auto& what = validation.rows.front().quantities[quantity];
  Chart chart{.title = what.name + " against the request rate: lines predicted, dots measured",
              .x_title = "requests per second",
              .y_title = what.name + ", " + what.unit,
              .x = {1e9, 0},
              .y = {1e9, 0},
              .series = curves(validation, quantity)};
  for (const auto& series : chart.series)
    for (const auto& [x, y] : series.points) {
      chart.x = {std::min(chart.x.low, x / 1.1), std::max(chart.x.high, x * 1.1)};
      chart.y = {std::min(chart.y.low, y / 1.2), std::max(chart.y.high, y * 1.2)};
    }
  chart.y.low /= legend_room;
  return chart.series.empty() ? "" : calibration::draw(chart, left, 0, width, height);
}

}  // namespace

std::string knee_picture(const Validation& validation) {
  std::string charts;
  const std::size_t quantities = validation.rows.empty() ? 0 : validation.rows.front().quantities.size();
  for (std::size_t i = 0; i < quantities; ++i) charts += chart_of(validation, i, width * static_cast<double>(i));
  if (charts.empty()) return "";
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
             "{1:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n",
             width * static_cast<double>(quantities), height) +
         "<style>.frame{fill:none;stroke:#888}.grid{stroke:#e4e4e4}.title{font-size:14px;font-weight:bold}</style>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
         charts + "</svg>\n";
}

}  // namespace plenum::analysis
