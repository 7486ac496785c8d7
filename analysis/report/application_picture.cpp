// What requests wait for, as bars: the mean request, and those at some percentiles of the whole time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "analysis/report/application_report.hpp"
#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

constexpr std::array<std::string_view, 10> colours{"#4c78a8", "#f2a33a", "#54a24b", "#6b4c9a", "#d1605e",
                                                   "#72b7b2", "#9d755d", "#e377c2", "#bab0ac", "#8c8c2b"};
constexpr double left = 90, width = 860, bar = 30, pitch = 44;

struct Bar {
  std::string name;
  std::vector<double> waited;  ///< by stage
  double total() const { return std::accumulate(waited.begin(), waited.end(), 0.0); }
};

/// Requests number first ... end-1 of `order`, in the mean.
Bar mean_of(const std::string& name, const datacenter::ApplicationResult& result, const std::vector<std::size_t>& order,
            std::size_t first, std::size_t end) {
  const std::size_t stages = result.stages.size();
  Bar mean{name, std::vector<double>(stages)};
  for (std::size_t i = first; i < end; ++i)
    for (std::size_t stage = 0; stage < stages; ++stage)
      mean.waited[stage] += result.waited[order[i] * stages + stage] / static_cast<double>(end - first);
  return mean;
}

double time_of(const datacenter::ApplicationRecord& request) { return (request.done - request.arrival).value(); }

/// By nearest rank. How one request spent its time would be chance: the parts are those of the hundredth part of the
/// requests around it.
Bar percentile_of(std::size_t percent, const datacenter::ApplicationResult& result,
                  const std::vector<std::size_t>& order) {
  const std::size_t count = order.size(), at = (count * percent + 99) / 100 - 1, around = count / 200;
  Bar bar =
      mean_of(fmt::format("p{}", percent), result, order, at - std::min(at, around), std::min(count, at + around + 1));
  const double scale = bar.total() > 0 ? time_of(result.requests[order[at]]) / bar.total() : 0;
  for (double& waited : bar.waited) waited *= scale;
  return bar;
}

std::vector<Bar> bars_of(const datacenter::ApplicationResult& result) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < result.requests.size(); ++i)
    if (result.requests[i].complete()) order.push_back(i);
  if (order.empty()) return {};
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return time_of(result.requests[i]); });
  std::vector<Bar> bars{mean_of("mean", result, order, 0, order.size())};
  for (const std::size_t percent : {50, 95, 99}) bars.push_back(percentile_of(percent, result, order));
  return bars;
}

std::string drawn(const Bar& one, double y, double longest) {
  std::string text = fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 8,
                                 y + bar / 2 + 4, one.name);
  double x = left;
  for (std::size_t stage = 0; stage < one.waited.size(); ++stage) {
    const double length = width * one.waited[stage] / longest;
    text += fmt::format("<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.0f}\" fill=\"{}\"/>\n", x, y,
                        length, bar, colours[stage % colours.size()]);
    x += length;
  }
  return text + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x + 6, y + bar / 2 + 4,
                            format(Seconds(one.total())));
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string legend(const scenario::BoundApplication& job, double y) {
  std::string text;
  double x = left;
  for (std::size_t stage = 0; stage < job.stages.size(); ++stage) {
    const auto& name = job.stages[stage].name;
    text += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", x, y,
                        colours[stage % colours.size()]);
    text += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", x + 17, y + 10, escaped(name));
    x += 38 + 7.0 * static_cast<double>(name.size());
  }
  return text;
}

}  // namespace

std::string application_picture(const scenario::BoundApplication& job, const datacenter::ApplicationResult& result) {
  const auto bars = bars_of(result);
  double longest = 1e-9;
  for (const Bar& one : bars) longest = std::max(longest, one.total());
  std::string body = fmt::format("<text x=\"{:.0f}\" y=\"24\" font-weight=\"bold\">{}: what requests wait for</text>\n",
                                 left, escaped(job.name));
  double y = 40;
  for (const Bar& one : bars) {
    body += drawn(one, y, longest);
    y += pitch;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1040 {:.0f}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}{}</svg>\n",
      y + 30, body, legend(job, y + 4));
}

}  // namespace plenum::analysis
