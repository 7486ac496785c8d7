#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/serving_capacity.hpp"
#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::ordered_json;

std::string cost_lines(const CapacityPoint& point) {
  std::string text;
  for (const auto& cost : point.costs)
    text += fmt::format("  {}: {} per million tokens, {} per million output tokens\n", cost.basis,
                        format(cost.per_million_tokens), format(cost.per_million_output_tokens));
  return text;
}

const CapacityPoint* best(const Capacity& capacity) {
  const auto found = std::ranges::find(capacity.points, capacity.highest, &CapacityPoint::per_second);
  return found == capacity.points.end() ? nullptr : &*found;
}

Json point_json(const CapacityPoint& point, const Capacity& capacity) {
  Json values, costs = Json::array();
  for (std::size_t i = 0; i < point.values.size(); ++i)
    values[capacity.objectives[i].statistic + "_" + capacity.objectives[i].quantity + "_seconds"] =
        point.values[i].value();
  for (const auto& cost : point.costs)
    costs.push_back({{"basis", cost.basis},
                     {"per_million_tokens_dollars", cost.per_million_tokens.value()},
                     {"per_million_output_tokens_dollars", cost.per_million_output_tokens.value()}});
  return {{"requests_per_second", point.per_second},
          {"replicas", point.replicas},
          {"gpus", point.gpus},
          {"holds", point.holds},
          {"values", values},
          {"output_tokens_per_second_per_gpu", point.output_tokens_per_second_per_gpu},
          {"output_tokens_per_second_per_user", point.output_tokens_per_second_per_user},
          {"costs", costs}};
}

}  // namespace

std::string to_text(const Capacity& capacity) {
  std::string text = fmt::format("{:>10} {:>13} {:>13}", "requests/s", "tokens/s/GPU", "tokens/s/user");
  for (const auto& objective : capacity.objectives)
    text += fmt::format(" {:>11}", objective.statistic + " " + objective.quantity);
  text += "\n";
  for (const auto& point : capacity.points) {
    text += fmt::format("{:>10.4g} {:>13.4g} {:>13.4g}", point.per_second, point.output_tokens_per_second_per_gpu,
                        point.output_tokens_per_second_per_user);
    for (const auto& value : point.values) text += fmt::format(" {:>11}", format(value));
    text += point.holds ? "\n" : "  no\n";
  }
  if (const auto* point = best(capacity))
    text += fmt::format("holds up to {:.3g} requests/s on {} GPUs\n", capacity.highest, with_thousands(point->gpus)) +
            cost_lines(*point);
  else
    text += "holds at no rate: even a request by itself takes longer\n";
  if (capacity.sized.replicas > 0)
    text += fmt::format("{:.4g} requests/s need {} GPUs ({} replicas)\n", capacity.sized.per_second,
                        with_thousands(capacity.sized.gpus), with_thousands(capacity.sized.replicas)) +
            cost_lines(capacity.sized);
  return text;
}

Json to_json(const Capacity& capacity) {
  Json points = Json::array();
  for (const auto& point : capacity.points) points.push_back(point_json(point, capacity));
  return {{"highest_requests_per_second", capacity.highest},
          {"points", points},
          {"sized", capacity.sized.replicas > 0 ? point_json(capacity.sized, capacity) : Json()}};
}

/// x: output tokens per second and GPU; y: output tokens per second of a user; points that hold are filled.
std::string frontier_picture(const Capacity& capacity) {
  constexpr double width = 640, height = 400, margin = 60;
  double most_gpu = 1e-9, most_user = 1e-9;
  for (const auto& point : capacity.points) {
    most_gpu = std::max(most_gpu, point.output_tokens_per_second_per_gpu);
    most_user = std::max(most_user, point.output_tokens_per_second_per_user);
  }
  const auto x = [&](double value) { return margin + (width - 2 * margin) * value / most_gpu; };
  const auto y = [&](double value) { return height - margin - (height - 2 * margin) * value / most_user; };
  std::string dots, line;
  for (const auto& point : capacity.points) {
    const double px = x(point.output_tokens_per_second_per_gpu), py = y(point.output_tokens_per_second_per_user);
    line += fmt::format("{:.1f},{:.1f} ", px, py);
    dots += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" stroke=\"#1f6f8b\"><title>{:.3g} "
        "requests/s</title></circle>\n",
        px, py, point.holds ? "#1f6f8b" : "#ffffff", point.per_second);
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
      "<path d=\"M{2} {2}V{3}H{4}\" fill=\"none\" stroke=\"#888888\"/>\n"
      "<polyline points=\"{5}\" fill=\"none\" stroke=\"#9bc4d2\"/>\n{6}"
      "<text x=\"{7}\" y=\"{8}\" text-anchor=\"middle\">output tokens/s per GPU (to {9:.4g}); filled: the objectives "
      "hold</text>\n"
      "<text x=\"{2}\" y=\"{10}\">output tokens/s per user (to {11:.3g})</text>\n</svg>\n",
      width, height, margin, height - margin, width - margin, line, dots, width / 2, height - 20, most_gpu, margin - 15,
      most_user);
}

}  // namespace plenum::analysis
