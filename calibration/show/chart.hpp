// A chart with logarithmic or linear axes as SVG text: points, lines, ticks, a legend. Nothing more than the pictures
// of a device need.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace plenum::calibration {

struct Scale {
  double low = 1, high = 10;
  bool logarithmic = true;
  double at(double value) const;  ///< 0 at low, 1 at high, clamped
};

struct Series {
  std::string name, colour;  ///< without a name it does not stand in the legend
  std::vector<std::pair<double, double>> points;
  bool line = false;  ///< else dots
  double opacity = 1;
  double radius = 1.6;  ///< of dots
};

struct Chart {
  std::string title, x_title, y_title;
  Scale x, y;
  bool percent = false;  ///< y values are shares, written in percent
  std::vector<Series> series;
};

/// The chart as an SVG group of `width` x `height`, its upper left corner at (left, top).
std::string draw(const Chart&, double left, double top, double width, double height);

/// Text for SVG: &, < and quotes escaped.
std::string svg_text(const std::string&);

}  // namespace plenum::calibration
