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

const CapacityPoint& highest_point(const PlanCapacity& plan) {
  return *std::ranges::find(plan.points, plan.highest, &CapacityPoint::per_second);
}

std::string values_text(const CapacityPoint& point) {
  std::string text;
  for (const auto& value : point.values) text += fmt::format(" {:>11}", format(value));
  return text;
}

std::string heading(const Capacity& capacity) {
  std::string text;
  for (const auto& objective : capacity.objectives)
    text += fmt::format(" {:>11}", objective.statistic + " " + objective.quantity);
  return text + "\n";
}

/// Every simulated rate of the deployment as written.
std::string rates_text(const Capacity& capacity) {
  std::string text =
      fmt::format("{:>10} {:>13} {:>13}", "requests/s", "tokens/s/GPU", "tokens/s/user") + heading(capacity);
  for (const auto& point : capacity.plans.front().points)
    text += fmt::format("{:>10.4g} {:>13.4g} {:>13.4g}", point.per_second, point.output_tokens_per_second_per_gpu,
                        point.output_tokens_per_second_per_user) +
            values_text(point) + (point.holds ? "\n" : "  no\n");
  const auto* best = capacity.best();
  if (!best) return text + "holds at no rate: even a request by itself takes longer\n";
  const auto& point = highest_point(*best);
  return text + fmt::format("holds up to {:.3g} requests/s on {} GPUs\n", best->highest, with_thousands(point.gpus)) +
         cost_lines(point);
}

std::string plan_row(const PlanCapacity& plan, std::size_t width) {
  const std::string name = fmt::format("{:<{}}", plan_name(plan.plan), width);
  if (!plan.refusal.empty()) return name + " " + plan.refusal + "\n";
  if (plan.highest == 0) return name + " holds at no rate: even a request by itself takes longer\n";
  if (plan.sized.replicas == 0) return name + fmt::format(" {:>13.3g}  no number of replicas holds\n", plan.highest);
  return name +
         fmt::format(" {:>13.3g} {:>8} {:>6} {:>13.4g}", plan.highest, plan.sized.replicas, plan.sized.gpus,
                     plan.sized.output_tokens_per_second_per_gpu) +
         values_text(plan.sized) + "\n";
}

std::size_t widest_name(const Capacity& capacity) {
  std::size_t width = 22;
  for (const auto& plan : capacity.plans)
    if (plan.not_on == 0) width = std::max(width, plan_name(plan.plan).size());
  return width;
}

std::string ruled_out_text(const Capacity& capacity) {
  const auto count = std::ranges::count_if(capacity.plans, [](const auto& plan) { return plan.not_on > 0; });
  if (count == 0) return "";
  return fmt::format(
      "{} more plans (attention ranks, spread experts) do not carry it on fewer GPUs than the best of these\n", count);
}

/// What the rate needs under every plan.
std::string plans_text(const Capacity& capacity) {
  const std::size_t width = widest_name(capacity);
  std::string text = fmt::format("{:<{}} {:>13} {:>8} {:>6} {:>13}", "plan of a replica", width, "requests/s/rep",
                                 "replicas", "GPUs", "tokens/s/GPU") +
                     heading(capacity);
  for (const auto& plan : capacity.plans)
    if (plan.not_on == 0) text += plan_row(plan, width);
  text += ruled_out_text(capacity);
  const auto* best = capacity.best();
  if (!best) return text + fmt::format("no plan carries {:.4g} requests/s\n", capacity.wanted);
  return text +
         fmt::format("{:.4g} requests/s need {} GPUs ({} replicas, {})\n", capacity.wanted,
                     with_thousands(best->sized.gpus), with_thousands(best->sized.replicas), plan_name(best->plan)) +
         cost_lines(best->sized);
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

Json plan_json(const PlanCapacity& plan, const Capacity& capacity) {
  Json points = Json::array();
  for (const auto& point : plan.points) points.push_back(point_json(point, capacity));
  return {{"plan", plan_name(plan.plan)},
          {"tensor_parallel", plan.plan.tensor_parallel},
          {"pipeline_parallel", plan.plan.pipeline_parallel},
          {"attention_data_parallel", plan.plan.attention_data_parallel},
          {"expert_parallel", plan.plan.expert_parallel},
          {"not_on_gpus", plan.not_on > 0 ? Json(plan.not_on) : Json()},
          {"refusal", plan.refusal.empty() ? Json() : Json(plan.refusal)},
          {"highest_requests_per_second", plan.highest},
          {"points", points},
          {"sized", plan.sized.replicas > 0 ? point_json(plan.sized, capacity) : Json()}};
}

}  // namespace

std::string plan_name(const workload::ServingPlan& plan) {
  std::string name = fmt::format("tensor {}", plan.tensor_parallel);
  if (plan.pipeline_parallel > 1) name += fmt::format(", pipeline {}", plan.pipeline_parallel);
  if (plan.attention_data_parallel > 1) name += fmt::format(", attention data {}", plan.attention_data_parallel);
  if (plan.expert_parallel > 1) name += fmt::format(", expert {}", plan.expert_parallel);
  return name;
}

std::string to_text(const Capacity& capacity) {
  return capacity.wanted > 0 ? plans_text(capacity) : rates_text(capacity);
}

Json to_json(const Capacity& capacity) {
  Json plans = Json::array();
  for (const auto& plan : capacity.plans) plans.push_back(plan_json(plan, capacity));
  const auto* best = capacity.best();
  return {{"requests_per_second", capacity.wanted > 0 ? Json(capacity.wanted) : Json()},
          {"best", best ? plan_json(*best, capacity) : Json()},
          {"plans", plans}};
}

}  // namespace plenum::analysis
