#include "calibration/show/device_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "calibration/device_file.hpp"
#include "calibration/fit/cast_separation.hpp"
#include "calibration/fit/errors.hpp"
#include "calibration/fit/measured_kernels.hpp"
#include "calibration/kernel_curves.hpp"
#include "calibration/measurements.hpp"
#include "calibration/show/chart.hpp"
#include "calibration/show/footing_table.hpp"
#include "sim/core/random.hpp"

namespace plenum::calibration {
namespace {

constexpr double panel_width = 620, panel_height = 400, head_height = 92;
constexpr std::size_t most_dots = 1500;  // per series: more only blacken the picture

struct Point {
  ProductShape shape;
  double measured = 0;   ///< us, the cast taken out
  double predicted = 0;  ///< us
};

struct Shown {
  Precision precision;
  std::string_view colour;
};
constexpr std::array<Shown, 4> shown{{{Precision::bf16, "#1f6feb"},
                                      {Precision::fp8, "#d9822b"},
                                      {Precision::fp8_block, "#2da44e"},
                                      {Precision::nvfp4, "#8250df"}}};

double flops(const ProductShape& s) { return 2.0 * double(s.m) * double(s.n) * double(s.k); }
double bytes(const ProductShape& s, Precision p) {
  return bytes_per_element(p) * double(s.k) * double(s.m + s.n) + 2.0 * double(s.m) * double(s.n);
}

double predicted_microseconds(const Device& device, const ProductShape& s, Precision precision) {
  return 1e6 * device.matrix_product(s.m, s.n, s.k, 1, precision).time.value();
}

/// Held-out measurements of one format, thinned by hash to what can be drawn.
std::vector<Point> held_out_points(const Device& device, const ProductTimes& times, Precision precision) {
  std::vector<Point> points;
  for (const auto& [shape, timings] : times)
    if (const auto timing = representative_product(precision, timings); timing && held_out(shape))
      points.push_back({shape, timing->microseconds, predicted_microseconds(device, shape, precision)});
  const std::size_t every = points.size() / most_dots + 1;
  std::vector<Point> few;
  for (const Point& p : points)
    if (mix(static_cast<std::uint64_t>(p.shape.m * 7919 + p.shape.n * 31 + p.shape.k)) % every == 0) few.push_back(p);
  return few;
}

using PointsByPrecision = std::vector<std::pair<Shown, std::vector<Point>>>;

Series roof(const Device& device, const Shown& s) {
  Series line{fmt::format("{} roofline", name_of(s.precision)), std::string(s.colour), {}, true};
  const double peak = device.specification.peak.at(s.precision).value() / 1e12;
  const double bandwidth = device.curves->memory_fraction * device.specification.memory_bandwidth.value() / 1e12;
  for (double intensity = 1; intensity <= 2e4; intensity *= 1.1)
    line.points.push_back({intensity, std::min(peak, bandwidth * intensity)});
  return line;
}

Chart roofline_chart(const Device& device, const PointsByPrecision& data) {
  double top = 0;
  for (const auto& [precision, peak] : device.specification.peak) top = std::max(top, peak.value() / 1e12);
  Chart chart{
      "Roofline and measured matrix products", "operations per byte", "TFLOP/s", {1, 2e4}, {1, 1.5 * top}, false, {}};
  for (const auto& [s, points] : data) {
    chart.series.push_back(roof(device, s));
    Series dots{fmt::format("{} measured", name_of(s.precision)), std::string(s.colour), {}, false, 0.35};
    for (const Point& p : points)
      dots.points.push_back({flops(p.shape) / bytes(p.shape, s.precision), flops(p.shape) / p.measured / 1e6});
    if (!points.empty()) chart.series.push_back(std::move(dots));
  }
  if (data.front().second.empty()) chart.title = "Roofline";
  return chart;
}

/// Share of the peak over the rows of a product with square B of common sizes.
Chart efficiency_chart(const Device& device) {
  Chart chart{"Efficiency against shape, bf16", "rows m", "share of the peak", {1, 32768}, {0, 1, false}, true, {}};
  static constexpr std::array<std::pair<std::int64_t, const char*>, 4> widths{
      {{1024, "#8250df"}, {4096, "#1f6feb"}, {8192, "#2da44e"}, {16384, "#d9822b"}}};
  const double peak = device.specification.peak.at(Precision::bf16).value();
  for (const auto& [n, colour] : widths) {
    Series line{fmt::format("n = k = {}", n), colour, {}, true};
    for (double m = 1; m <= 32768; m *= 1.07) {
      const ProductShape shape{std::int64_t(m), n, n};
      const double seconds = device.matrix_product(shape.m, n, n, 1, Precision::bf16).time.value();
      line.points.push_back({m, flops(shape) / seconds / peak});
    }
    chart.series.push_back(std::move(line));
  }
  return chart;
}

Chart residual_chart(const PointsByPrecision& data) {
  Chart chart{"Residuals on the products that are drawn",
              "measured time, us",
              "predicted / measured - 1",
              {2, 1e5},
              {-0.5, 0.5, false},
              true,
              {}};
  for (const auto& [s, points] : data) {
    Series dots{std::string(name_of(s.precision)), std::string(s.colour), {}, false, 0.35};
    for (const Point& p : points) dots.points.push_back({p.measured, p.predicted / p.measured - 1});
    chart.series.push_back(std::move(dots));
  }
  return chart;
}

/// Share of the products by residual, in bins of two percent; the outermost hold all beyond.
Chart histogram_chart(const PointsByPrecision& data) {
  constexpr double bin = 0.02, end = 0.25;
  constexpr auto bins = std::size_t(2 * end / bin);
  Chart chart{"Residuals, how often",
              "predicted / measured - 1, percent",
              "share of the products drawn",
              {-100 * end, 100 * end, false},
              {0, 0.25, false},
              true,
              {}};
  for (const auto& [s, points] : data) {
    std::vector<double> counts(bins);
    for (const Point& p : points) {
      const double at = std::clamp((p.predicted / p.measured - 1 + end) / bin, 0.0, double(bins) - 1);
      counts[std::size_t(at)] += 1.0 / double(points.size());
    }
    Series line{std::string(name_of(s.precision)), std::string(s.colour), {}, true};
    for (std::size_t i = 0; i < bins; ++i)
      for (const double edge : {0.0, 1.0}) line.points.push_back({100 * ((double(i) + edge) * bin - end), counts[i]});
    chart.series.push_back(std::move(line));
  }
  return chart;
}

std::string family_name(const Accuracy& a) {
  return fmt::format("{} {} {}", a.family, a.framework == Framework::any ? "" : name_of(a.framework),
                     name_of(a.precision));
}

/// The errors that the file states, a line per family, format and framework: the table of the page.
std::string accuracy_table(const Fitted& fitted, double left, double top) {
  std::string svg = fmt::format(
      "<text x=\"{}\" y=\"{}\" class=\"title\">Median error on held-out rows (90th percentile), {}</text>\n", left, top,
      "kernels above 50 us");
  int line = 0;
  constexpr int lines = 22, most = 2 * lines - 1;
  for (const Accuracy& a : fitted.accuracy) {
    const bool kept_apart = !fitted.under_load;  // a whole table's third, not one fold of some hundred shapes
    if (a.size != "above 50 us" || (kept_apart && a.rows < 100)) continue;
    if (line++ >= most) continue;
    const int place = line - 1;
    const double x = left + (place / lines) * 310, y = top + 20 + (place % lines) * 15.5;
    svg += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.1f}\">{}</text><text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.1f} % ({:.0f} "
        "%)</text>\n",
        x, y, svg_text(family_name(a)), x + 292, y, 100 * a.median_abs_error, 100 * a.p90_abs_error);
  }
  if (line > most)
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\">{} more in the device file</text>\n", left + 310,
                       top + 20 + (lines - 1) * 15.5, line - most);
  return svg;
}

/// Of published tables the held-out rows, of a device's own files all.
PointsByPrecision points_of(const Device& device, const DeviceFile& file, const std::filesystem::path& measurements,
                            Issues& issues) {
  PointsByPrecision data;
  if (file.measurements.empty()) return {{shown[0], {}}};
  if (const auto own = measurements / file.measurements; std::filesystem::is_directory(own)) {
    std::vector<std::string> names{file.name};
    names.insert(names.end(), file.aliases.begin(), file.aliases.end());
    const MeasuredKernels kernels = read_measured_kernels(own, names, issues);
    for (const Shown& s : shown) {
      std::vector<Point> points;
      for (const auto& [shape, times] : kernels.products[static_cast<std::size_t>(s.precision)])
        points.push_back({shape, quantile(times, 0.5), predicted_microseconds(device, shape, s.precision)});
      if (!points.empty()) data.emplace_back(s, points);
    }
    return data;
  }
  OpTables tables = read_op_tables(measurements, file.measurements, issues);
  separate_casts(tables, device.curves->launch_microseconds);
  for (const Shown& s : shown)
    if (const auto& times = tables.matrix_product[static_cast<std::size_t>(s.precision)]; !times.empty())
      data.emplace_back(s, held_out_points(device, times, s.precision));
  return data;
}

std::string page_head(const Device& device, const Fitted* fitted) {
  const Specification& s = device.specification;
  const std::string footing = device.curves->inherited
                                  ? fmt::format("curves inherited from {}, scaled", device.inherits)
                                  : "curves fitted to recorded measurements";
  return fmt::format(
      "<text x=\"16\" y=\"34\" class=\"name\">{}</text>\n<text x=\"16\" y=\"58\">{:.0f} TFLOP/s bf16 dense, {:.3g} "
      "TB/s "
      "({:.0f} % reached), {:.0f} GiB, {} multiprocessors, {:.0f} W; launch {:.2g} us</text>\n<text x=\"16\" "
      "y=\"77\">{}{}</text>\n",
      svg_text(device.name), s.peak.at(Precision::bf16).value() / 1e12, s.memory_bandwidth.value() / 1e12,
      100 * device.curves->memory_fraction, double(s.memory.value()) / 1073741824.0, s.multiprocessors, s.power.value(),
      device.curves->launch_microseconds, svg_text(footing),
      !fitted ? ""
      : fitted->under_load
          ? "; every shape is fitted and drawn, the errors below are those of a threefold cross-validation"
          : "; a third of the rows, chosen by hash, was held out of the fit and is what is drawn");
}

}  // namespace

std::optional<std::string> device_picture(const std::string& name, const std::filesystem::path& measurements,
                                          Issues& issues) {
  const auto device = load_device(name, {}, "", issues);
  if (!device) return std::nullopt;
  const auto file = read_device_file(device_directory() / (device->name + ".json"), issues);
  if (!file) return std::nullopt;
  const PointsByPrecision data = points_of(*device, *file, measurements, issues);
  if (issues.has_errors()) return std::nullopt;
  double table_height = 0;
  const double second = head_height + panel_height, third = head_height + (file->fitted ? 2 : 1) * panel_height;
  const std::string footing = footing_table(*file, file->fitted ? panel_width + 14 : 16, third + 20, 76, table_height);
  const double height = third + std::max(table_height, file->fitted ? 380.0 : 0.0) + 40;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\">\n"
      "<style>text{{font:11px "
      "sans-serif;fill:#24292f}}.title{{font-weight:bold;font-size:13px}}.name{{font-weight:bold;"
      "font-size:24px}}.grid{{stroke:#d8dee4;stroke-width:.6}}.frame{{fill:none;stroke:#57606a}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      2 * panel_width, height);
  svg += page_head(*device, file->fitted ? &*file->fitted : nullptr);
  svg += draw(roofline_chart(*device, data), 0, head_height, panel_width, panel_height);
  svg += draw(efficiency_chart(*device), panel_width, head_height, panel_width, panel_height);
  if (file->fitted) {
    svg += draw(residual_chart(data), 0, second, panel_width, panel_height);
    svg += draw(histogram_chart(data), panel_width, second, panel_width, panel_height);
    svg += accuracy_table(*file->fitted, 14, third + 20);
  }
  return svg + footing + "</svg>\n";
}

}  // namespace plenum::calibration
