// A step of reinforcement learning over time.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/report/reinforcement_report.hpp"
#include "calibration/show/chart.hpp"
#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using datacenter::Phase;

constexpr double width = 1000, left = 84, right = 16, top = 56, bar = 22, row_height = 30, curve_height = 90;
constexpr std::array<const char*, datacenter::phase_count> colours{"#4c78a8", "#9d9d9d", "#d8b365", "#d8b365",
                                                                   "#72b7b2", "#a0cbe8", "#b279a2", "#e45756",
                                                                   "#f2a33a", "#54a24b", "#9d9d9d"};

std::string text_at(double x, double y, const std::string& text, const char* anchor, const char* colour = "#222") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", x, y, anchor, colour,
                     text);
}

class Picture {
 public:
  explicit Picture(Seconds step) : scale_((width - left - right) / step.value()) {}

  void add(const datacenter::PhaseSpan& span, double y) {
    const double x = left + span.start.value() * scale_, w = (span.end - span.start).value() * scale_;
    const auto phase = static_cast<std::size_t>(span.phase);
    svg_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"><title>{} {}"
        "</title></rect>\n",
        x, y, std::max(0.4, w - 0.3), bar, colours[phase], datacenter::phase_names[phase],
        format(span.end - span.start));
  }

  /// Responses that are being generated.
  void add(const datacenter::ServingResult& rollout, double y) {
    double most = 1;
    for (const auto& sample : rollout.timeline) most = std::max(most, static_cast<double>(sample.running));
    std::string path;
    double x = left;
    for (const auto& sample : rollout.timeline) {
      x = left + sample.time.value() * scale_;
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x,
                          y + curve_height * (1 - static_cast<double>(sample.running) / most));
    }
    const double first = left + rollout.timeline.front().time.value() * scale_;
    svg_ += fmt::format("<path fill=\"#4c78a8\" fill-opacity=\"0.35\" d=\"{0}L{1:.1f} {2:.1f}L{3:.1f} {2:.1f}z\"/>\n",
                        path, x, y + curve_height, first);
    svg_ += text_at(left - 8, y + 10, with_thousands(static_cast<std::int64_t>(most)), "end", "#555") +
            text_at(left - 8, y + curve_height, "generating", "end");
  }

  void label(const std::string& text, double y) { svg_ += text_at(left - 8, y + bar - 6, text, "end"); }

  std::string finish(const std::string& title, const std::string& subtitle, Seconds step, double bottom,
                     const std::vector<PhaseTime>& phases) const {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
        "font-size=\"11\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n<text x=\"{2}\" y=\"20\" "
        "font-size=\"15\" font-weight=\"bold\">{3}</text>\n<text x=\"{2}\" y=\"38\" fill=\"#555\">{4}</text>\n",
        width, bottom + 56, left, title, subtitle);
    svg += svg_ + fmt::format("<path stroke=\"#888\" d=\"M{} {:.0f}H{}\"/>\n", left, bottom + 4, width - right);
    for (int i = 0; i <= 4; ++i)
      svg += text_at(left + step.value() * i / 4 * scale_, bottom + 18, format(step * (i / 4.0)),
                     i == 4 ? "end" : "middle", "#555");
    return svg + legend(phases, bottom + 44) + "</svg>\n";
  }

 private:
  static std::string legend(const std::vector<PhaseTime>& phases, double y) {
    std::string svg;
    double x = left;
    for (const auto& [phase, time, spans] : phases) {
      const auto name = datacenter::phase_names[static_cast<std::size_t>(phase)];
      svg += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"10\" height=\"10\" fill=\"{}\"/>\n", x, y - 9,
                         colours[static_cast<std::size_t>(phase)]) +
             text_at(x + 14, y, std::string(name), "start");
      x += 26 + 6.2 * static_cast<double>(name.size());
    }
    return svg;
  }

  double scale_;
  std::string svg_;
};

}  // namespace

std::string reinforcement_picture(const scenario::Bound& bound, const scenario::BoundReinforcement& job,
                                  const datacenter::ReinforcementResult& result, const ReinforcementMetrics& m) {
  Picture picture(result.step);
  const double training = top, rollout = top + row_height;
  for (const auto& span : result.phases) picture.add(span, span.phase == Phase::rollout ? rollout : training);
  picture.label("training", training);
  double bottom = top + row_height;
  if (result.rollout) {
    picture.label("rollout", rollout);
    picture.add(*result.rollout, rollout + row_height);
    bottom = rollout + row_height + curve_height;
  }
  return picture.finish(
      calibration::svg_text(fmt::format("{}: one step in {}", bound.name, format(result.step))),
      fmt::format("{} GPUs{}, {:.4g} tokens/s per GPU, {:.1f} % of their time idle", m.gpus,
                  job.colocated() ? ", the rows take turns on them" : "", m.tokens_per_second_per_gpu, 100 * m.idle),
      result.step, bottom, m.phases);
}

}  // namespace plenum::analysis
