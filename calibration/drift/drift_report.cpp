// What `plenum calibrate check` says, to people, to programs, to a CI server.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "calibration/drift/drift.hpp"

namespace plenum::calibration {
namespace {

std::string change_text(double change) {
  return std::isfinite(change) ? fmt::format("{:+.2f} %", 100 * change) : std::string("other nodes");
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return result;
}

std::vector<Drift> largest_first(std::vector<Drift> drifts) {
  std::stable_sort(drifts.begin(), drifts.end(),
                   [](const Drift& a, const Drift& b) { return std::abs(a.change) > std::abs(b.change); });
  return drifts;
}

std::ptrdiff_t count_moved(const std::vector<Drift>& drifts) {
  return std::count_if(drifts.begin(), drifts.end(), [](const Drift& d) { return d.moved; });
}

}  // namespace

std::string to_text(const std::vector<Drift>& drifts, double limit) {
  std::string text;
  for (const Drift& d : largest_first(drifts))
    if (d.moved) text += fmt::format("moved {:>10}  {}\n", change_text(d.change), d.kernel);
  return text + fmt::format("{} of {} kernels moved by {:.2g} %\n", count_moved(drifts), drifts.size(), 100 * limit);
}

std::string to_junit(const std::vector<Drift>& drifts, double limit) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"calibration\" tests=\"{}\" failures=\"{}\">\n",
      drifts.size(), count_moved(drifts));
  for (const Drift& d : drifts) {
    text += fmt::format("  <testcase classname=\"calibration\" name=\"{}\"", escaped(d.kernel));
    text += d.moved ? fmt::format("><failure message=\"moved by {}, limit {:.2g} %\"/></testcase>\n",
                                  change_text(d.change), 100 * limit)
                    : "/>\n";
  }
  return text + "</testsuite>\n";
}

nlohmann::ordered_json to_json(const std::vector<Drift>& drifts, double limit) {
  auto kernels = nlohmann::ordered_json::array();
  for (const Drift& d : drifts) {
    nlohmann::ordered_json change = nullptr;
    if (std::isfinite(d.change)) change = d.change;
    kernels.push_back({{"kernel", d.kernel}, {"change", change}, {"chance", d.chance}, {"moved", d.moved}});
  }
  return {{"limit", limit}, {"moved", count_moved(drifts)}, {"kernels", kernels}};
}

}  // namespace plenum::calibration
