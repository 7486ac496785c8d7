#include "sim/scenario/bind_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "workloads/training/memory.hpp"

namespace plenum::scenario {
namespace {

/// Nodes first .. end-1, taken by one job.
struct Place {
  std::size_t job;
  std::int64_t first, end;
};

class JobBinder {
 public:
  JobBinder(const Loaded& loaded, const calibration::Device& device, Issues& issues)
      : cluster_(loaded.scenario.cluster), device_(device), complaints_{loaded.source, issues} {}

  /// The model and what is wrong with it.
  std::optional<workload::Transformer> model_of(const TrainingJob& job, const std::string& pointer) {
    Issues unknown;
    auto model = job.model ? job.model : workload::find_model(job.model_name, unknown);
    for (const auto& issue : unknown.all()) complaints_.add(pointer, issue.message);
    if (!model) return std::nullopt;
    const auto problems = workload::check(*model);
    for (const auto& [below, message] : problems) complaints_.add(pointer + below, message);
    if (!problems.empty()) return std::nullopt;
    model->fill_defaults();
    if (model->name.empty()) model->name = "model";
    return model;
  }

  /// Whole nodes inside the cluster that no job before has taken.
  std::optional<Place> place_of(const TrainingJob& job, std::size_t index, const std::string& pointer) {
    if (job.first_node >= cluster_.nodes) {
      complaints_.add(pointer + "/first_node", fmt::format("there is no node {}; the cluster's are 0 to {}",
                                                           job.first_node, cluster_.nodes - 1));
      return std::nullopt;
    }
    const std::int64_t rest = total_gpus(cluster_) - job.first_node * cluster_.node.gpus;
    const std::int64_t gpus = job.gpus > 0 ? job.gpus : rest;
    if (gpus % cluster_.node.gpus != 0) return not_whole_nodes(gpus, pointer);
    if (gpus > rest) {
      complaints_.add(pointer + "/gpus", fmt::format("{} GPUs from node {} on exceed the cluster, which has {} there",
                                                     with_thousands(gpus), job.first_node, with_thousands(rest)));
      return std::nullopt;
    }
    const Place place{index, job.first_node, job.first_node + gpus / cluster_.node.gpus};
    check_overlap(place, pointer);
    places_.push_back(place);
    return place;
  }

  void check_plan(BoundTraining& bound, std::int64_t gpus, const std::string& pointer) {
    const auto problems = workload::complete(bound.plan, bound.model, gpus);
    for (const auto& [below, message] : problems) complaints_.add(pointer + below, message);
    if (!problems.empty() || !check_precision(bound.plan.precision, pointer)) return;
    if (bound.plan.recompute == workload::Recompute::automatic)
      workload::recompute_least(bound.model, bound.plan, device_.specification.memory);
  }

  /// Without a place: on as many GPUs as the plan asks for, only what is wrong with the plan itself is left.
  void check_plan_alone(workload::TrainingPlan plan, const workload::Transformer& model, const std::string& pointer) {
    const auto gpus = plan.ranks_per_replica() * std::max<std::int64_t>(1, plan.data_parallel);
    for (const auto& [below, message] : workload::complete(plan, model, gpus))
      complaints_.add(pointer + below, message);
  }

  bool has_device() const { return !device_.name.empty(); }

 private:
  std::optional<Place> not_whole_nodes(std::int64_t gpus, const std::string& pointer) {
    const std::int64_t size = cluster_.node.gpus, below = gpus / size * size;
    const std::string right = below > 0 ? fmt::format("{} or {}", below, below + size) : fmt::format("{}", size);
    complaints_.add(pointer + "/gpus", fmt::format("{} GPUs are no whole nodes of {}; {} would be", gpus, size, right));
    return std::nullopt;
  }

  void check_overlap(const Place& place, const std::string& pointer) {
    for (const auto& other : places_) {
      const std::int64_t first = std::max(place.first, other.first), end = std::min(place.end, other.end);
      if (first < end)
        complaints_.add(pointer,
                        fmt::format("takes nodes {} to {}, but /jobs/{} has nodes {} to {}; say with first_node and "
                                    "gpus who gets what",
                                    place.first, place.end - 1, other.job, other.first, other.end - 1));
    }
  }

  bool check_precision(Precision precision, const std::string& pointer) {
    const auto& peaks = device_.specification.peak;
    if (peaks.empty() || peaks.contains(precision)) return true;
    std::vector<std::string_view> known;
    for (const auto& [name, peak] : peaks) known.push_back(name_of(name));
    complaints_.add(pointer + "/precision", fmt::format("{} does not compute in {}; it has {}", device_.name,
                                                        name_of(precision), fmt::join(known, ", ")));
    return false;
  }

  const topology::ClusterSpecification& cluster_;
  const calibration::Device& device_;
  Complaints complaints_;
  std::vector<Place> places_;
};

void check_names(const Loaded& loaded, Complaints complaints) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < loaded.scenario.jobs.size(); ++i) {
    const std::string& name = loaded.scenario.jobs[i].name;
    if (!name.empty() && !names.insert(name).second)
      complaints.add(fmt::format("/jobs/{}/name", i), fmt::format("another job is called \"{}\" too", name));
  }
}

std::string name_of_job(const Loaded& loaded, std::size_t index) {
  const auto& jobs = loaded.scenario.jobs;
  if (!jobs[index].name.empty()) return jobs[index].name;
  return jobs.size() == 1 ? "training" : fmt::format("job {}", index);
}

}  // namespace

std::vector<BoundTraining> bind_jobs(const Loaded& loaded, bool cluster_is_read, const calibration::Device& device,
                                     Issues& issues) {
  const auto& jobs = loaded.scenario.jobs;
  Complaints complaints{loaded.source, issues};
  if (jobs.empty() && is_read(loaded, "/jobs")) complaints.add("/jobs", "there is no job; what shall run?");
  check_names(loaded, complaints);

  JobBinder binder(loaded, device, issues);
  std::vector<BoundTraining> bound_jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!is_read(loaded, fmt::format("/jobs/{}", i))) continue;
    const std::string pointer = fmt::format("/jobs/{}/training", i);
    const TrainingJob& job = *jobs[i].training;
    auto model = binder.model_of(job, pointer + "/model");
    const auto place = cluster_is_read ? binder.place_of(job, i, pointer) : std::nullopt;
    if (!model) continue;
    if (!place) {
      binder.check_plan_alone(job.plan, *model, pointer + "/plan");
      continue;
    }
    const std::int64_t node = loaded.scenario.cluster.node.gpus;
    BoundTraining bound{name_of_job(loaded, i), std::move(*model), job.plan, place->first * node, job.tokens};
    if (binder.has_device()) binder.check_plan(bound, (place->end - place->first) * node, pointer + "/plan");
    bound_jobs.push_back(std::move(bound));
  }
  return bound_jobs;
}

}  // namespace plenum::scenario
