#include "calibration/in_node_all_reduce.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/core/files.hpp"

namespace plenum::calibration {
namespace {

struct Point {
  double log_bytes = 0, log_seconds = 0;
};
struct Key {
  std::string device, framework;
  auto operator<=>(const Key&) const = default;
};
using Curves = std::map<Key, std::map<std::int64_t, std::vector<Point>>>;  ///< by ranks, bytes ascending

double number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The table is the project's own; a broken one leaves nothing, and the specification speaks.
Curves read_curves() {
  Issues issues;
  Curves curves;
  const auto table = read_csv(data_root() / "calibration/measurements/in_node_all_reduce.csv.zst", issues);
  if (!table) return curves;
  for (const auto& row : table->rows) {
    const auto cell = [&](std::string_view column) { return table->cell(row, column); };
    auto& curve = curves[{std::string(cell("device")), std::string(cell("framework"))}];
    curve[std::llround(number(cell("gpus")))].push_back(
        {std::log(number(cell("bytes"))), std::log(1e-6 * number(cell("microseconds")))});
  }
  return curves;
}

const Curves& all_curves() {
  static const Curves curves = read_curves();
  return curves;
}

/// Below the first point its time; beyond the last one in proportion to the bytes.
double seconds_at(const std::vector<Point>& curve, double bytes) {
  const double x = std::log(std::max(bytes, 1.0));
  if (x <= curve.front().log_bytes) return std::exp(curve.front().log_seconds);
  if (x >= curve.back().log_bytes) return std::exp(curve.back().log_seconds + x - curve.back().log_bytes);
  const auto above = std::ranges::upper_bound(curve, x, {}, &Point::log_bytes);
  const auto& [x1, y1] = *above;
  const auto& [x0, y0] = *(above - 1);
  return std::exp(y0 + (y1 - y0) * (x - x0) / (x1 - x0));
}

std::string relative_of(const Device& device) {
  if (!device.inherits.empty()) return device.inherits;
  const auto& architecture = device.specification.architecture;
  if (architecture == "ampere") return "A100-80GB-SXM";
  return architecture == "hopper" ? "H100-SXM" : "B200-SXM";
}

}  // namespace

Estimate in_node_collective(const Device& device, Framework framework, double part, std::int64_t ranks, Bytes bytes) {
  if (ranks <= 1) return {Seconds(0), Footing::measured};
  const std::string software(name_of(framework == Framework::any ? Framework::vllm : framework));
  auto footing = Footing::measured;
  auto found = all_curves().find({device.name, software});
  if (found == all_curves().end()) {
    footing = Footing::inherited;
    found = all_curves().find({relative_of(device), software});
  }
  if (found == all_curves().end()) return {};
  auto curve = found->second.lower_bound(ranks);
  if (curve == found->second.end()) --curve;
  return {Seconds(part * seconds_at(curve->second, static_cast<double>(bytes.value()))), footing};
}

}  // namespace plenum::calibration
