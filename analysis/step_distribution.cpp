#include "analysis/step_distribution.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "analysis/forked.hpp"
#include "sim/core/units.hpp"

namespace plenum::analysis {
namespace {

constexpr std::array probabilities{0.05, 0.50, 0.95, 0.99};

/// Steps of all training jobs at one probability, in seconds.
std::string steps_at(const scenario::Bound& bound, datacenter::Options options, double probability) {
  options.probability = probability;
  options.timeline = false;
  nlohmann::json steps = nlohmann::json::array();
  for (const auto& training : datacenter::simulate(bound, options).training) steps.push_back(training.step.value());
  return steps.dump();
}

}  // namespace

std::vector<StepDistribution> step_distributions(const scenario::Bound& bound, const datacenter::Options& options) {
  std::vector<StepDistribution> distributions;
  for (const auto& training : bound.training) distributions.push_back({training.name, {}, {}});
  const auto runs = run_forked(
      probabilities.size(), [&](std::size_t i) { return steps_at(bound, options, probabilities[i]); },
      [](std::size_t, std::size_t) {}, {.processes = 2});
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].failure.empty()) throw std::runtime_error("a percentile of the step: " + runs[i].failure);
    const auto steps = nlohmann::json::parse(runs[i].output);
    for (std::size_t job = 0; job < distributions.size(); ++job)
      distributions[job].percentiles.emplace_back(probabilities[i], Seconds(steps[job].get<double>()));
  }
  return distributions;
}

void add_means(std::vector<StepDistribution>& distributions, const datacenter::Result& result) {
  for (std::size_t job = 0; job < distributions.size(); ++job) distributions[job].mean = result.training[job].step;
}

std::string to_text(const std::vector<StepDistribution>& distributions) {
  std::string text;
  for (const auto& distribution : distributions) {
    text += fmt::format("steps     mean {}", format(distribution.mean));
    for (const auto& [probability, step] : distribution.percentiles)
      text += fmt::format(", p{:.0f} {}", 100 * probability, format(step));
    text += distributions.size() > 1 ? fmt::format("  (job {})\n", distribution.job) : "\n";
  }
  return text;
}

nlohmann::ordered_json to_json(const StepDistribution& distribution) {
  nlohmann::ordered_json json{{"job", distribution.job}, {"mean_seconds", distribution.mean.value()}};
  for (const auto& [probability, step] : distribution.percentiles)
    json[fmt::format("p{:.0f}_seconds", 100 * probability)] = step.value();
  return json;
}

}  // namespace plenum::analysis
