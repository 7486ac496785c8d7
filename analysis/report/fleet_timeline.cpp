// The fleet over time, for programs and as a picture.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "analysis/report/serving_report.hpp"
#include "calibration/show/chart.hpp"

namespace plenum::analysis {
namespace {

using calibration::Chart;
using calibration::Series;
using datacenter::FleetSample;

Series series(const std::string& name, const std::string& colour, const datacenter::ServingResult& result,
              const std::function<double(const FleetSample&)>& value) {
  Series line{name, colour, {}, true};
  for (const FleetSample& sample : result.timeline) line.points.emplace_back(sample.time.value(), value(sample));
  return line;
}

double highest(const std::vector<Series>& all) {
  double high = 1;
  for (const Series& one : all)
    for (const auto& [time, value] : one.points) high = std::max(high, value);
  return high;
}

}  // namespace

std::string fleet_csv(const datacenter::ServingResult& result) {
  std::string text = "time_s,replicas,waiting,running,kv_use\n";
  for (const auto& s : result.timeline)
    fmt::format_to(std::back_inserter(text), "{:.3f},{},{},{},{:.4f}\n", s.time.value(), s.replicas, s.waiting,
                   s.running, s.kv_use);
  return text;
}

std::string fleet_picture(const scenario::BoundServing& job, const datacenter::ServingResult& result) {
  const calibration::Scale time{0, std::max(1e-3, result.end.value()), false};
  Chart requests{job.name + ": requests", "time (s)", "requests", time, {}, false, {}};
  requests.series = {series("running", "#4c78a8", result, [](const auto& s) { return double(s.running); }),
                     series("waiting", "#f2a33a", result, [](const auto& s) { return double(s.waiting); })};
  requests.y = {0, highest(requests.series), false};
  Chart use{"KV cache in use, replicas that serve", "time (s)", "share", time, {0, 1, false}, true, {}};
  const auto most = static_cast<double>(job.pool.replicas);
  use.series = {series("KV cache", "#54a24b", result, [](const auto& s) { return s.kv_use; }),
                series("replicas", "#6b4c9a", result, [=](const auto& s) { return double(s.replicas) / most; })};
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1040 380\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n"
      "<style>.frame{{fill:none;stroke:#888}}.grid{{stroke:#ddd}}.title{{font-weight:bold}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}{}</svg>\n",
      calibration::draw(requests, 0, 0, 520, 380), calibration::draw(use, 520, 0, 520, 380));
}

}  // namespace plenum::analysis
