#include "analysis/validation/serving/serving_prediction.hpp"

#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/request_file.hpp"

namespace plenum::analysis {
namespace {

Prediction unsupported(const std::string& reason) { return {.reason = reason, .footing = {}, .quantities = {}}; }

std::string first_error(const Issues& issues) {
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::error)
      return issue.pointer.empty() ? issue.message : issue.pointer + ": " + issue.message;
  return "the scenario was refused";
}

}  // namespace

std::unique_ptr<scenario::Bound> bound_or_unsupported(scenario::Scenario scenario) {
  Issues issues;
  auto bound = scenario::bind({.scenario = std::move(scenario), .source = {}, .digest = {}}, issues);
  if (!bound) throw Unsupported{first_error(issues)};
  return bound;
}

ServingMetrics simulated_metrics(const scenario::Bound& bound, std::int64_t warm_up) {
  auto result = datacenter::simulate(bound, {});
  auto& requests = result.serving.front().requests;
  requests.erase(requests.begin(), requests.begin() + warm_up);
  auto metrics = measure(bound, bound.serving.front(), result.serving.front());
  if (metrics.refused > 0) throw Unsupported{"a request is longer than the KV cache"};
  return metrics;
}

Prediction prediction_of(const ServingMetrics& metrics, std::map<std::string, double> quantities) {
  return {
      .reason = {}, .footing = std::string(calibration::name_of(metrics.footing)), .quantities = std::move(quantities)};
}

Prediction predicted_or_reason(const std::function<Prediction()>& predict) {
  try {
    return predict();
  } catch (const Unsupported& reason) {
    return unsupported(reason.reason);
  } catch (const workload::InvalidRequest& line) {
    return unsupported(line.what());
  } catch (const datacenter::SimulationFailed& failure) {
    return unsupported(std::string("the simulation failed: ") + failure.what());
  }
}

std::optional<double> measured_cell(const RowCells& row, std::string_view column, double scale) {
  try {
    const auto number = row.number(column);
    return number ? std::optional(*number * scale) : std::nullopt;
  } catch (const Unsupported&) {
    return std::nullopt;
  }
}

}  // namespace plenum::analysis
