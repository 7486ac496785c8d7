#include "analysis/validation/row_prediction.hpp"

#include <fmt/format.h>

#include "analysis/preset_cluster.hpp"
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

topology::ClusterSpecification preset_cluster_of(const RowCells& row) {
  Issues issues;
  const auto cluster = preset_cluster(fmt::format("DGX-{}", row.text("gpu")), row.required("n_gpus"), issues);
  if (!cluster) throw Unsupported{fmt::format("no cluster of GPU \"{}\"", row.text("gpu"))};
  return *cluster;
}

std::unique_ptr<scenario::Bound> bound_or_unsupported(scenario::Scenario scenario) {
  Issues issues;
  auto bound = scenario::bind({.scenario = std::move(scenario), .source = {}, .digest = {}}, issues);
  if (!bound) throw Unsupported{first_error(issues)};
  return bound;
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

}  // namespace plenum::analysis
