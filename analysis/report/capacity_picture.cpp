#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "analysis/serving_capacity.hpp"
#include "calibration/show/chart.hpp"

namespace plenum::analysis {
namespace {

using calibration::Chart;
using calibration::Scale;
using calibration::Series;
using Coordinate = std::function<double(const CapacityPoint&)>;

constexpr std::array colours{"#4c78a8", "#f2a33a", "#54a24b", "#b8536b", "#6b4c9a"};

double latency(const CapacityPoint& point) { return point.values.front().value(); }
double per_gpu(const CapacityPoint& point) { return point.output_tokens_per_second_per_gpu; }
double cost(const CapacityPoint& point) { return point.costs.front().per_million_output_tokens.value(); }

/// A curve through the rates that keep up with what comes, dots on the ones that hold.
void add_series(Chart& chart, const Capacity& capacity, const Coordinate& x, const Coordinate& y) {
  std::size_t colour = 0;
  for (const auto& plan : capacity.plans) {
    if (plan.highest == 0) continue;
    Series line{plan_name(plan.plan), colours[colour++ % colours.size()], {}, true};
    Series dots{"", line.colour, {}};
    for (const auto& point : plan.points) {
      if (point.values.empty() || point.per_second > 2 * plan.highest) continue;
      line.points.emplace_back(x(point), y(point));
      if (point.holds) dots.points.push_back(line.points.back());
    }
    chart.series.push_back(std::move(line));
    chart.series.push_back(std::move(dots));
  }
}

/// Decades around all values.
Scale around(const Capacity& capacity, const Coordinate& value) {
  double low = INFINITY, high = 0;
  for (const auto& plan : capacity.plans)
    for (const auto& point : plan.points) {
      if (point.values.empty() || point.per_second > 2 * plan.highest || value(point) <= 0) continue;
      low = std::min(low, value(point));
      high = std::max(high, value(point));
    }
  if (high == 0) return {};
  return {std::pow(10, std::floor(std::log10(low))), std::pow(10, std::ceil(std::log10(high) + 1e-9))};
}

}  // namespace

std::string frontier_picture(const Capacity& capacity) {
  const auto& objective = capacity.objectives.front();
  const std::string latency_title = objective.statistic + " " + objective.quantity + " (s)";
  const bool priced = std::ranges::any_of(capacity.plans, [](const PlanCapacity& plan) {
    return !plan.points.empty() && !plan.points.front().costs.empty();
  });
  Chart speed{"Latency against throughput",
              "output tokens/s per GPU",
              latency_title,
              around(capacity, per_gpu),
              around(capacity, latency),
              false,
              {}};
  add_series(speed, capacity, per_gpu, latency);
  std::string charts = calibration::draw(speed, 0, 0, 520, 380);
  if (priced) {
    Chart money{"Cost against latency",
                latency_title,
                "$ per million output tokens",
                speed.y,
                around(capacity, cost),
                false,
                {}};
    add_series(money, capacity, latency, cost);
    charts += calibration::draw(money, 520, 0, 520, 380);
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} 380\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<style>.frame{{fill:none;stroke:#888}}.grid{{stroke:#ddd}}.title{{font-weight:bold}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}</svg>\n",
      priced ? 1040 : 520, charts);
}

}  // namespace plenum::analysis
