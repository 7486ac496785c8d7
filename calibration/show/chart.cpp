#include "calibration/show/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace plenum::calibration {
namespace {

constexpr double left_margin = 62, bottom_margin = 44, top_margin = 30, legend_line = 15;

/// Where the plotted area lies.
struct Frame {
  double left, top, width, height;
  double x(const Chart& c, double value) const { return left + width * c.x.at(value); }
  double y(const Chart& c, double value) const { return top + height * (1 - c.y.at(value)); }
};

std::vector<double> ticks(const Scale& scale) {
  std::vector<double> result;
  if (scale.logarithmic) {
    const int first = int(std::ceil(std::log10(scale.low) - 1e-9)),
              last = int(std::floor(std::log10(scale.high) + 1e-9));
    for (int e = first; e <= last; ++e) result.push_back(std::pow(10.0, e));
    return result;
  }
  for (int i = 0; i <= 4; ++i) result.push_back(scale.low + i * (scale.high - scale.low) / 4);
  return result;
}

std::string number(double value) {
  static constexpr std::pair<double, const char*> units[]{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [unit, name] : units)
    if (std::abs(value) >= unit) return fmt::format("{:.3g}{}", value / unit, name);
  return fmt::format("{:.3g}", value);
}

std::string axes(const Chart& chart, const Frame& f) {
  std::string svg =
      fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"frame\"/>\n", f.left,
                  f.top, f.width, f.height);
  for (const double tick : ticks(chart.x))
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" class=\"grid\"/>"
        "<text x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>\n",
        f.x(chart, tick), f.top, f.top + f.height, f.top + f.height + 15, number(tick));
  for (const double tick : ticks(chart.y))
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" class=\"grid\"/>"
        "<text x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        f.left, f.y(chart, tick), f.left + f.width, f.left - 6, f.y(chart, tick) + 4,
        chart.percent ? fmt::format("{:.0f} %", 100 * tick) : number(tick));
  return svg;
}

std::string titles(const Chart& chart, const Frame& f) {
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"title\">{}</text>\n"
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n"
      "<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      f.left, f.top - 11, svg_text(chart.title), f.left + f.width / 2, f.top + f.height + 33, svg_text(chart.x_title),
      f.left - 46, f.top + f.height / 2, svg_text(chart.y_title));
}

std::string marks(const Chart& chart, const Series& series, const Frame& f) {
  std::string svg;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const double x = f.x(chart, series.points[i].first), y = f.y(chart, series.points[i].second);
    svg += series.line ? fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", x, y)
                       : fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", x, y, series.radius);
  }
  return series.line
             ? fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"/>\n", svg,
                           series.colour)
             : fmt::format("<g fill=\"{}\" fill-opacity=\"{:.2g}\">{}</g>\n", series.colour, series.opacity, svg);
}

std::string legend(const Chart& chart, const Frame& f) {
  std::string svg;
  const auto named = std::ranges::count_if(chart.series, [](const Series& series) { return !series.name.empty(); });
  double y = f.top + f.height - 10 - legend_line * double(named - 1);
  for (const Series& series : chart.series) {
    if (series.name.empty()) continue;
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        f.left + f.width - 18, y - 9, series.colour, f.left + f.width - 23, y, svg_text(series.name));
    y += legend_line;
  }
  return svg;
}

}  // namespace

double Scale::at(double value) const {
  const double share =
      logarithmic ? std::log(std::max(value, low * 1e-9) / low) / std::log(high / low) : (value - low) / (high - low);
  return std::clamp(share, 0.0, 1.0);
}

std::string svg_text(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return result;
}

std::string draw(const Chart& chart, double left, double top, double width, double height) {
  const Frame frame{left + left_margin, top + top_margin, width - left_margin - 14,
                    height - top_margin - bottom_margin};
  std::string svg = "<g>\n" + axes(chart, frame) + titles(chart, frame);
  for (const Series& series : chart.series) svg += marks(chart, series, frame);
  return svg + legend(chart, frame) + "</g>\n";
}

}  // namespace plenum::calibration
