#include "analysis/report/timeline_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using datacenter::Interval;

constexpr double width = 1000, left = 74, right = 16, top = 62, row_height = 22, bar = 13, thin = 4;

/// What a slice shows; the order is the legend's.
struct Ink {
  std::string_view label, colour;
};
constexpr std::array inks{Ink{"forward", "#4c78a8"}, Ink{"backward", "#f2a33a"}, Ink{"optimizer", "#6b4c9a"},
                          Ink{"gather parameters, reduce gradients", "#54a24b"}};

std::size_t ink_of(const Interval& slice) {
  if (slice.track == Interval::Track::data) return 3;
  if (slice.name.starts_with("backward")) return 1;
  return slice.name.starts_with("optimizer") ? 2 : 0;
}

bool shown(const Interval& slice) {
  return slice.track == Interval::Track::compute || slice.track == Interval::Track::data;
}

/// One representative per stage: the class with the most members.
std::vector<const datacenter::RankClass*> rows_of(const datacenter::TrainingResult& result) {
  std::vector<const datacenter::RankClass*> rows;
  for (const auto& ranks : result.ranks) {
    const auto stage = static_cast<std::size_t>(ranks.stage);
    if (rows.size() <= stage) rows.resize(stage + 1, nullptr);
    if (rows[stage] == nullptr || rows[stage]->members < ranks.members) rows[stage] = &ranks;
  }
  std::erase(rows, nullptr);
  return rows;
}

class Picture {
 public:
  Picture(Seconds step, std::size_t rows) : scale_((width - left - right) / step.value()), rows_(rows) {}

  void add(const datacenter::RankClass& ranks, std::size_t row) {
    const double y = top + row_height * static_cast<double>(row);
    text_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">stage {}</text>\n", left - 8, y + bar - 2,
                         ranks.stage);
    for (const Interval& slice : ranks.timeline) {
      if (shown(slice)) add(slice, y);
    }
  }

  std::string finish(const std::string& title, const std::string& subtitle, Seconds step) const {
    const double bottom = top + row_height * static_cast<double>(rows_);
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
        "font-size=\"11\">\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n<text x=\"{2}\" y=\"20\" font-size=\"15\" "
        "font-weight=\"bold\">{3}</text>\n<text x=\"{2}\" y=\"38\" fill=\"#555\">{4}</text>\n",
        width, bottom + 58, left, title, subtitle);
    for (std::size_t i = 0; i < inks.size(); ++i) {
      if (!paths_[i].empty()) svg += fmt::format("<path fill=\"{}\" d=\"{}\"/>\n", inks[i].colour, paths_[i]);
    }
    return svg + text_ + axis(step, bottom) + legend(bottom + 44) + "</svg>\n";
  }

 private:
  void add(const Interval& slice, double y) {
    const bool data = slice.track == Interval::Track::data;
    const double x = left + slice.start.value() * scale_;
    const double w = std::max(0.2, (slice.end - slice.start).value() * scale_ - (data ? 0 : 0.15));
    paths_[ink_of(slice)] +=
        fmt::format("M{:.1f} {:.0f}h{:.1f}v{:.0f}h-{:.1f}z", x, data ? y + bar + 1 : y, w, data ? thin : bar, w);
  }

  std::string axis(Seconds step, double y) const {
    std::string svg = fmt::format("<path stroke=\"#888\" d=\"M{} {:.0f}H{}\"/>\n", left, y + 4, width - right);
    for (int i = 0; i <= 4; ++i) {
      const Seconds at = step * (i / 4.0);
      svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\" fill=\"#555\">{}</text>\n",
                         left + at.value() * scale_, y + 18, i == 4 ? "end" : "middle", format(at));
    }
    return svg;
  }

  static std::string legend(double y) {
    std::string svg;
    double x = left;
    for (const Ink& ink : inks) {
      svg += fmt::format(
          "<rect x=\"{0:.0f}\" y=\"{1:.0f}\" width=\"10\" height=\"10\" fill=\"{2}\"/>"
          "<text x=\"{3:.0f}\" y=\"{4:.0f}\">{5}</text>\n",
          x, y - 9, ink.colour, x + 15, y, ink.label);
      x += 34 + 6.2 * static_cast<double>(ink.label.size());
    }
    return svg + fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" fill=\"#555\">white: waiting</text>\n", x, y);
  }

  double scale_;
  std::size_t rows_;
  std::array<std::string, inks.size()> paths_;
  std::string text_;
};

}  // namespace

std::string timeline_picture(const scenario::Bound& bound, const datacenter::TrainingResult& result,
                             const TrainingMetrics& metrics) {
  const auto rows = rows_of(result);
  Picture picture(result.step, rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) picture.add(*rows[row], row);
  return picture.finish(fmt::format("{}: one step in {}", bound.name, format(result.step)),
                        fmt::format("{} GPUs, {:.0f} TFLOP/s per GPU, {:.1f} % model-FLOP utilization",
                                    with_thousands(static_cast<std::int64_t>(bound.cluster.gpus.size())),
                                    metrics.model_flops_per_gpu.value() / 1e12, 100 * metrics.mfu),
                        result.step);
}

}  // namespace plenum::analysis
