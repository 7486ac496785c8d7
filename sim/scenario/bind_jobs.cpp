#include "sim/scenario/bind_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/scenario/bind_application.hpp"
#include "sim/scenario/bind_generation.hpp"
#include "sim/scenario/bind_reinforcement.hpp"
#include "sim/scenario/bind_serving.hpp"
#include "sim/scenario/bind_trace.hpp"
#include "workloads/layer_pattern.hpp"
#include "workloads/training/memory.hpp"
#include "workloads/training/without_effect.hpp"

namespace plenum::scenario {
namespace {

/// GPUs first .. end-1, taken by one job.
struct Place {
  std::size_t job;
  std::int64_t first, end;
};

class JobBinder {
 public:
  JobBinder(const Loaded& loaded, const calibration::Device& device, const OtherDevices& others, Issues& issues)
      : cluster_(loaded.scenario.cluster), device_(device), others_(others), complaints_{loaded.source, issues} {}

  /// The model and what is wrong with it.
  template <class AnyJob>
  std::optional<workload::Transformer> model_of(const AnyJob& job, const std::string& pointer) {
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

  /// Whole nodes inside the cluster that no job before has taken, or where a job may, a part of one.
  template <class AnyJob>
  std::optional<Place> place_of(const AnyJob& job, std::size_t index, const std::string& pointer) {
    if (job.first_node >= cluster_.nodes) {
      complaints_.add(pointer + "/first_node", fmt::format("there is no node {}; the cluster's are 0 to {}",
                                                           job.first_node, cluster_.nodes - 1));
      return std::nullopt;
    }
    const std::int64_t first = job.first_node * cluster_.node.gpus, rest = total_gpus(cluster_) - first;
    if constexpr (requires { job.first_gpu; })
      if (job.first_gpu > 0 || (job.gpus > 0 && job.gpus < cluster_.node.gpus))
        return part_of_a_node({job.first_gpu, job.gpus}, first, index, pointer);
    const std::int64_t gpus = job.gpus > 0 ? job.gpus : rest;
    if (gpus % cluster_.node.gpus != 0) return not_whole_nodes(gpus, pointer);
    if (gpus > rest) {
      complaints_.add(pointer + "/gpus", fmt::format("{} GPUs from node {} on exceed the cluster, which has {} there",
                                                     with_thousands(gpus), job.first_node, with_thousands(rest)));
      return std::nullopt;
    }
    return taken({index, first, first + gpus}, pointer);
  }

  void check_plan(BoundTraining& bound, std::int64_t gpus, const std::string& pointer) {
    const auto problems = workload::complete(bound.plan, bound.model, gpus);
    for (const auto& [below, message] : problems) complaints_.add(pointer + below, message);
    check_host(bound.plan, pointer);
    const auto devices = devices_among(cluster_, device_, others_, bound.first_gpu, gpus);
    const auto computes = [&](const auto* device) { return check_precision(*device, bound.plan.precision, pointer); };
    if (!problems.empty() || !std::ranges::all_of(devices, computes)) return;
    warn_of_no_effect(bound.plan, bound.model, pointer, complaints_);
    if (bound.plan.recompute == workload::Recompute::automatic)
      workload::recompute_least(bound.model, bound.plan, least_memory(devices));
  }

  void check_host(const workload::TrainingPlan& plan, const std::string& pointer) {
    if (cluster_.node.host.bandwidth.value() > 0) return;
    const auto needs = [&](bool asked, const char* below) {
      if (asked)
        complaints_.add(pointer + below,
                        "the cluster does not state its hosts' memory; /cluster/node/host would, as \"host\": "
                        "{\"memory\": \"2 TB\", \"bandwidth\": \"614.4 GB/s\"}");
    };
    needs(plan.optimizer_offload > 0, "/optimizer_offload");
    needs(plan.offload_layers > 0, "/offload_layers");
  }

  /// Engines that serve and make pictures are priced on the cluster's GPU.
  bool check_alike(const GpuRange& gpus, const std::string& pointer) {
    const auto devices = devices_among(cluster_, device_, others_, gpus.first, gpus.count);
    if (devices.size() == 1 && devices.front() == &device_) return true;
    complaints_.add(pointer, fmt::format("the job runs on the cluster's {}, but its nodes {} to {} have {}; say with "
                                         "first_node and gpus which it takes",
                                         device_.name, gpus.first / cluster_.node.gpus,
                                         (gpus.first + gpus.count) / cluster_.node.gpus - 1, names_of(devices)));
    return false;
  }

  /// Without a place: on as many GPUs as the plan asks for, only what is wrong with the plan itself is left.
  void check_plan_alone(workload::TrainingPlan plan, const workload::Transformer& model, const std::string& pointer) {
    const auto gpus = plan.ranks_per_replica() * std::max<std::int64_t>(1, plan.data_parallel);
    for (const auto& [below, message] : workload::complete(plan, model, gpus))
      complaints_.add(pointer + below, message);
  }

  bool has_device() const { return !device_.name.empty(); }

 private:
  Place taken(const Place& place, const std::string& pointer) {
    check_overlap(place, pointer);
    places_.push_back(place);
    return place;
  }

  /// The node's GPUs from `part.first` on; `node` is its first one.
  std::optional<Place> part_of_a_node(GpuRange part, std::int64_t node, std::size_t index, const std::string& pointer) {
    const std::int64_t size = cluster_.node.gpus, end = part.count > 0 ? part.first + part.count : size;
    if (part.first < size && end <= size) return taken({index, node + part.first, node + end}, pointer);
    complaints_.add(pointer + "/first_gpu",
                    fmt::format("GPUs {} to {} are not inside one node, which has 0 to {}; a job takes whole nodes or "
                                "a part of one",
                                part.first, std::max(part.first, end - 1), size - 1));
    return std::nullopt;
  }

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
                        fmt::format("takes {}, but /jobs/{} has {}; say with first_node and gpus who gets what",
                                    text_of(place), other.job, text_of(other)));
    }
  }

  std::string text_of(const Place& place) const {
    const std::int64_t size = cluster_.node.gpus;
    if (place.first % size == 0 && place.end % size == 0)
      return fmt::format("nodes {} to {}", place.first / size, place.end / size - 1);
    return fmt::format("GPUs {} to {}", place.first, place.end - 1);
  }

  bool check_precision(const calibration::Device& device, Precision precision, const std::string& pointer) {
    const auto& peaks = device.specification.peak;
    if (peaks.empty() || peaks.contains(precision)) return true;
    std::vector<std::string_view> known;
    for (const auto& [name, peak] : peaks) known.push_back(name_of(name));
    complaints_.add(pointer + "/precision", fmt::format("{} does not compute in {}; it has {}", device.name,
                                                        name_of(precision), fmt::join(known, ", ")));
    return false;
  }

  const topology::ClusterSpecification& cluster_;
  const calibration::Device& device_;
  const OtherDevices& others_;
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
  if (jobs.size() > 1) return fmt::format("job {}", index);
  if (jobs[index].generation) return "generation";
  if (jobs[index].reinforcement) return "reinforcement";
  if (jobs[index].application) return "application";
  return jobs[index].training ? "training" : jobs[index].serving ? "serving" : "trace";
}

/// Binds one job of any kind and appends it to those of its kind.
class AnyJobBinder {
 public:
  AnyJobBinder(const Loaded& loaded, bool cluster_is_read, const calibration::Device& device,
               const OtherDevices& others, Issues& issues)
      : loaded_(loaded),
        cluster_is_read_(cluster_is_read),
        device_(device),
        binder_(loaded, device, others, issues),
        complaints_{loaded.source, issues} {}

  void bind(std::size_t index, const TrainingJob& job) {
    const std::string pointer = fmt::format("/jobs/{}/training", index);
    auto model = binder_.model_of(job, pointer + "/model");
    const auto gpus = gpus_of(job, index, pointer);
    if (!model) return;
    if (job.plan.images == 0 && model->looks_at_images()) *model = workload::without_images(std::move(*model));
    if (!gpus) return binder_.check_plan_alone(job.plan, *model, pointer + "/plan");
    BoundTraining bound{
        name_of_job(loaded_, index), std::move(*model), job.plan, gpus->first, job.tokens, job.jitter, job.run};
    if (job.run && job.tokens == 0)
      complaints_.add(pointer + "/run", "how long the run is, \"tokens\" says; they are missing");
    if (binder_.has_device()) binder_.check_plan(bound, gpus->count, pointer + "/plan");
    bound_.training.push_back(std::move(bound));
  }

  void bind(std::size_t index, ServingJob job) {
    const std::string pointer = fmt::format("/jobs/{}/serving", index);
    job.serves_applications = may_serve_applications(loaded_, name_of_job(loaded_, index));
    auto model = binder_.model_of(job, pointer + "/model");
    const auto gpus = gpus_of(job, index, pointer);
    if (model && model->diffusion)
      return complaints_.add(pointer + "/model", fmt::format("{} is a diffusion transformer, no language model; "
                                                             "\"generation\" makes pictures with it",
                                                             model->name));
    if (!model || !gpus || !binder_.has_device() || !binder_.check_alike(*gpus, pointer)) return;
    if (model->vision) leave_out_vision(*model, pointer + "/model");
    auto bound =
        bind_serving(job, name_of_job(loaded_, index), std::move(*model), *gpus, device_, pointer, complaints_);
    if (!bound) return;
    bound->host_link = host_link();
    bound_.serving.push_back(std::move(*bound));
  }

  void bind(std::size_t index, const GenerationJob& job) {
    const std::string pointer = fmt::format("/jobs/{}/generation", index);
    auto model = binder_.model_of(job, pointer + "/model");
    const auto gpus = gpus_of(job, index, pointer);
    if (!model || !gpus || !binder_.has_device() || !binder_.check_alike(*gpus, pointer)) return;
    if (auto bound =
            bind_generation(job, name_of_job(loaded_, index), std::move(*model), *gpus, device_, pointer, complaints_))
      bound_.generation.push_back(std::move(*bound));
  }

  void bind(std::size_t index, const ReinforcementJob& job) {
    const std::string pointer = fmt::format("/jobs/{}/reinforcement", index);
    const bool sound = check_reinforcement(job, pointer, complaints_);
    if (cluster_is_read_) binder_.check_host(job.plan, pointer + "/plan");
    auto actor = binder_.model_of(job, pointer + "/model");
    const auto gpus = gpus_of(job, index, pointer);
    bool all_known = actor.has_value();
    const auto scoring = [&](const std::optional<ScoringModel>& role, const char* below) {
      auto model = role ? binder_.model_of(*role, pointer + below) : std::nullopt;
      if (model && model->looks_at_images()) *model = workload::without_images(std::move(*model));
      all_known &= !role || model;
      return model;
    };
    auto critic = scoring(job.critic, "/critic/model"), reward = scoring(job.reward_model, "/reward_model/model");
    if (actor && actor->diffusion)
      return complaints_.add(pointer + "/model",
                             fmt::format("{} is a diffusion transformer, no language model", actor->name));
    if (!all_known || !gpus || !binder_.has_device() || !binder_.check_alike(*gpus, pointer)) return;
    if (actor->vision) leave_out_vision(*actor, pointer + "/model");
    auto bound =
        bind_reinforcement(job, name_of_job(loaded_, index), {std::move(*actor), std::move(critic), std::move(reward)},
                           *gpus, device_, host_link(), pointer, complaints_);
    if (bound && sound) bound_.reinforcement.push_back(std::move(*bound));
  }

  /// A rank per GPU; the nodes that they stand on are the job's.
  void bind(std::size_t index, const TraceJob& job) {
    const std::string pointer = fmt::format("/jobs/{}/trace", index);
    auto trace = open_trace(job, pointer, complaints_);
    if (!trace || !cluster_is_read_) return;
    const std::int64_t node = loaded_.scenario.cluster.node.gpus;
    const std::int64_t nodes = (trace->ranks + node - 1) / node, rest = loaded_.scenario.cluster.nodes - job.first_node;
    if (nodes > rest && rest > 0)
      return complaints_.add(pointer + "/ranks",
                             fmt::format("{} ranks need {} nodes, the cluster has {} from node {} on", trace->ranks,
                                         nodes, rest, job.first_node));
    const struct { std::int64_t first_node, gpus; } wanted{job.first_node, nodes * node};
    if (const auto gpus = gpus_of(wanted, index, pointer); gpus && binder_.has_device())
      bound_.traces.push_back({name_of_job(loaded_, index), std::move(*trace), gpus->first});
  }

  /// When all serving jobs are bound.
  void bind_last(std::size_t index, const ApplicationJob& job) {
    const std::string pointer = fmt::format("/jobs/{}/application", index);
    auto bound =
        bind_application(job, name_of_job(loaded_, index), {loaded_.scenario, bound_.serving}, pointer, complaints_);
    if (bound) bound_.applications.push_back(std::move(*bound));
  }

  BoundJobs take() { return std::move(bound_); }

 private:
  /// Requests are texts.
  /// Of a GPU with the memory of its node's host.
  BytesPerSecond host_link() const {
    const auto& node = loaded_.scenario.cluster.node;
    return node.host.link.value() > 0 ? node.host.link : node.pcie;
  }

  void leave_out_vision(workload::Transformer& model, const std::string& pointer) {
    model = workload::without_images(std::move(model));
    complaints_.warn(pointer,
                     fmt::format("requests are texts: {}'s vision encoder is left out, with its weights", model.name));
  }

  template <class AnyJob>
  std::optional<GpuRange> gpus_of(const AnyJob& job, std::size_t index, const std::string& pointer) {
    const auto place = cluster_is_read_ ? binder_.place_of(job, index, pointer) : std::nullopt;
    return place ? std::optional(GpuRange{place->first, place->end - place->first}) : std::nullopt;
  }

  const Loaded& loaded_;
  bool cluster_is_read_;
  const calibration::Device& device_;
  JobBinder binder_;
  Complaints complaints_;
  BoundJobs bound_;
};

void bind_one(AnyJobBinder& binder, Complaints complaints, std::size_t index, const Job& job) {
  const int kinds = job.training.has_value() + job.serving.has_value() + job.generation.has_value() +
                    job.reinforcement.has_value() + job.trace.has_value() + job.collective.has_value() +
                    job.application.has_value();
  const std::string pointer = fmt::format("/jobs/{}", index);
  if (kinds > 1)
    return complaints.add(pointer,
                          "a job is one of \"training\", \"serving\", \"generation\", \"reinforcement\", "
                          "\"application\", \"trace\" and \"collective\", not several");
  if (job.training) return binder.bind(index, *job.training);
  if (job.serving) return binder.bind(index, *job.serving);
  if (job.generation) return binder.bind(index, *job.generation);
  if (job.reinforcement) return binder.bind(index, *job.reinforcement);
  if (job.trace) return binder.bind(index, *job.trace);
  if (job.collective) return;   // bound when the cluster is built
  if (job.application) return;  // bound last
  complaints.add(pointer,
                 "none of \"training\", \"serving\", \"generation\", \"reinforcement\", \"application\", \"trace\" and "
                 "\"collective\" is given; one of them says what the job is");
}

}  // namespace

void warn_of_no_effect(const workload::TrainingPlan& plan, const workload::Transformer& model,
                       const std::string& pointer, Complaints& complaints) {
  for (const auto& [below, message] : workload::without_effect(plan, model))
    if (json::at(complaints.source, pointer + below)) complaints.warn(pointer + below, message);
}

BoundJobs bind_jobs(const Loaded& loaded, bool cluster_is_read, const calibration::Device& device,
                    const OtherDevices& others, Issues& issues) {
  const auto& jobs = loaded.scenario.jobs;
  Complaints complaints{loaded.source, issues};
  if (jobs.empty() && is_read(loaded, "/jobs")) complaints.add("/jobs", "there is no job; what shall run?");
  check_names(loaded, complaints);

  AnyJobBinder binder(loaded, cluster_is_read, device, others, issues);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!is_read(loaded, fmt::format("/jobs/{}", i))) continue;
    bind_one(binder, complaints, i, jobs[i]);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i)
    if (jobs[i].application && is_read(loaded, fmt::format("/jobs/{}", i))) binder.bind_last(i, *jobs[i].application);
  return binder.take();
}

}  // namespace plenum::scenario
