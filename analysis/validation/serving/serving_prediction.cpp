#include "analysis/validation/serving/serving_prediction.hpp"

#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/request_file.hpp"

namespace plenum::analysis {
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

std::optional<double> measured_cell(const RowCells& row, std::string_view column, double scale) {
  try {
    const auto number = row.number(column);
    return number ? std::optional(*number * scale) : std::nullopt;
  } catch (const Unsupported&) {
    return std::nullopt;
  }
}

}  // namespace plenum::analysis
