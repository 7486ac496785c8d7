#include "calibration/show/footing_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "calibration/fit/fit.hpp"
#include "calibration/show/chart.hpp"

namespace plenum::calibration {
namespace {

std::string scaling_text(const DeviceFile& device) {
  const auto ratio = [](double factor, std::string_view otherwise) {
    return factor > 0 ? fmt::format("x {:.4g}", factor) : fmt::format("by the ratio of {}", otherwise);
  };
  const double attention = device.scaling.attention;
  return fmt::format("inherited from {}; compute {}, memory {}{}", device.inherits,
                     ratio(device.scaling.compute, "the peaks"), ratio(device.scaling.memory, "the bandwidths"),
                     attention == 1 ? "" : fmt::format(", attention over prompts x {:.4g} besides", attention));
}

std::string curves_text(const DeviceFile& device, std::size_t curves) {
  if (curves == 0) return device.inherits.empty() ? "none" : scaling_text(device);
  const bool here = std::filesystem::is_directory(measurement_directory() / device.measurements);
  return fmt::format("{} curve{} fitted to measurements of \"{}\" ({})", curves, curves == 1 ? "" : "s",
                     device.measurements,
                     here ? "by calibration/microbench" : "measured by others: measurements/ops/INDEX.csv");
}

/// Who measures a card has PyTorch's decoding kernel at most.
std::string serving_text(const DeviceFile& device, std::size_t curves) {
  const bool own_and_inherited = curves > 0 && !device.inherits.empty();
  return curves_text(device, curves) + (own_and_inherited ? ", the others " + scaling_text(device) : "");
}

std::string sustained_text(const Fitted& fitted) {
  if (fitted.under_load) return "products were timed at the clock that the power limit allows them";
  std::string text;
  for (const SustainedSlowdown& s : fitted.sustained_slowdown)
    text += fmt::format("{}{} x {:.3g} ({} rows)", text.empty() ? "" : ", ", name_of(s.precision), s.factor, s.rows);
  return text + " of the published best rates (gpu_mamf.csv)";
}

std::string memory_text(const Fitted& fitted) {
  std::string text = fmt::format("{:.0f} % of the bandwidth, as measured, and a launch", 100 * fitted.memory_fraction);
  for (const auto& [kernel, fused, fraction] : fitted.memory_kernels)
    text += fmt::format("; {}{} {:.0f} %", fused ? "" : "eager ", name_of(kernel), 100 * fraction);
  return text;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && lines.back().size() + word.size() >= width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

}  // namespace

std::vector<FootingLine> footing_lines(const DeviceFile& device) {
  static const Fitted nothing;
  const Fitted& fitted = device.fitted ? *device.fitted : nothing;
  std::vector<FootingLine> lines{
      {"matrix products", curves_text(device, fitted.matrix_products.size())},
      {"attention, forward", curves_text(device, fitted.attention.size())},
      {"attention, backward",
       fitted.attention_backward.empty()
           ? fmt::format("{:.3g} x the forward rate; source below", device.attention_backward_rate)
           : curves_text(device, fitted.attention_backward.size())},
      {"memory-bound kernels", device.fitted ? memory_text(fitted) : scaling_text(device)},
      {"serving, experts", serving_text(device, fitted.kernels.size())},
      {"batches, groups, prefixes", "derived from the curves above, never measured as such"}};
  if (device.fitted) lines.push_back({"sustained work", sustained_text(fitted)});
  for (const NumberSource& source : device.sources) lines.push_back({source.of, source.source});
  return lines;
}

std::string footing_table(const DeviceFile& device, double left, double top, std::size_t width, double& height) {
  constexpr double line_height = 15, indent = 150;
  constexpr std::size_t name_width = 22;
  std::string svg = fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.1f}\" class=\"title\">Footing of every curve and number</text>\n", left, top);
  double y = top + 20;
  const auto write = [&](double x, double at, const std::string& text) {
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\">{}</text>", x, at, svg_text(text));
  };
  for (const auto& [of, footing] : footing_lines(device)) {
    const auto names = wrapped(of, name_width), lines = wrapped(footing, width);
    for (std::size_t i = 0; i < names.size(); ++i) write(left, y + double(i) * line_height, names[i]);
    for (std::size_t i = 0; i < lines.size(); ++i) write(left + indent, y + double(i) * line_height, lines[i]);
    svg += "\n";
    y += double(std::max(names.size(), lines.size())) * line_height + 3;
  }
  height = y - top;
  return svg;
}

}  // namespace plenum::calibration
