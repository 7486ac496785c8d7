// What the user wrote, checked whole: a cluster, jobs on it, and what things cost. Reading reports every issue at once;
// binding turns names into graphs, devices, models and complete plans.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calibration/device.hpp"
#include "sim/core/fields.hpp"
#include "sim/scenario/application_job.hpp"
#include "sim/scenario/collective_job.hpp"
#include "sim/scenario/devices.hpp"
#include "sim/scenario/generation_job.hpp"
#include "sim/scenario/reinforcement_job.hpp"
#include "sim/scenario/serving_job.hpp"
#include "sim/scenario/trace_job.hpp"
#include "sim/scenario/training_run.hpp"
#include "topologies/routing.hpp"
#include "topologies/specification.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::scenario {

struct SlowGpu {
  std::int64_t gpu = 0;
  double speed = 1;  ///< of a healthy one, in (0, 1]
};

struct TrainingJob {
  std::string model_name;                      ///< catalogue name or alias, when `model` was a string
  std::optional<workload::Transformer> model;  ///< else: written in place, from a config.json, or a changed entry
  workload::TrainingPlan plan;
  std::int64_t first_node = 0;       ///< jobs occupy whole nodes, in a row
  std::int64_t gpus = 0;             ///< 0: the rest of the cluster
  std::int64_t tokens = 0;           ///< of the whole run; 0: not priced
  std::optional<TrainingRun> run{};  ///< what happens beside steps; `tokens` say how many there are
  double jitter = 0;                 ///< of a GPU's kernel times from step to step, relative standard deviation
};

/// Exactly one kind of job is set.
struct Job {
  std::string name;
  std::optional<TrainingJob> training;
  std::optional<ServingJob> serving{};
  std::optional<TraceJob> trace{};
  std::optional<CollectiveJob> collective{};
  std::optional<GenerationJob> generation{};
  std::optional<ReinforcementJob> reinforcement{};
  std::optional<ApplicationJob> application{};
};

/// Rented (per GPU-hour or per instance-month) or owned (capital over years, plus energy).
struct Rent {
  DollarsPerSecond per_gpu{};       ///< "$2.50 / h"; zero: not used
  DollarsPerSecond per_instance{};  ///< "$36999 / month" of `gpus_per_instance` GPUs; zero: not used
  std::int64_t gpus_per_instance = 8;
};
struct Ownership {
  Dollars per_gpu{};  ///< all-in capital: node, fabric, facility
  Seconds lifetime{4.0 * 365.25 * 86400};
  DollarsPerJoule electricity{};
  double utilization = 1;  ///< share of its life that the machine is sold or used
};
struct Economy {
  std::optional<Rent> rent;
  std::optional<Ownership> own;
  double power_usage_effectiveness = 1.1;
  Watts node_power{};  ///< measured at training load, per node; zero: from the device and node specification
};

struct Scenario {
  std::string schema;  ///< "$schema", for editors
  std::string name;
  std::string source;  ///< where the numbers come from
  topology::ClusterSpecification cluster;
  std::vector<SlowGpu> slow_gpus;
  std::vector<Job> jobs;
  Economy economy;
};

void describe(Fields&, SlowGpu&);
void describe(Fields&, TrainingJob&);
void describe(Fields&, ServingJob&);
void describe(Fields&, GenerationJob&);
void describe(Fields&, ReinforcementJob&);
void describe(Fields&, Job&);
void describe(Fields&, Rent&);
void describe(Fields&, Ownership&);
void describe(Fields&, Economy&);
/// "cluster" and "model" are a catalogue name, or an object that may start from one ("preset") and overrides it; a
/// model also starts from a Hugging Face config.json ("config": its path beside the scenario), or is one.
void describe(Fields&, Scenario&);

struct Loaded {
  Scenario scenario;
  json::Value source;                 ///< as written, with --set applied; positions for later complaints
  std::string digest;                 ///< 16 hex digits over the content, in every result
  std::vector<std::string> faulty{};  ///< pointers of what could not be read: bind() checks the rest and binds nothing
};

/// With the "preset" of a cluster (a name, or an object with that member), or the file that "import" names in `folder`,
/// laid under it; positions stay with whoever wrote what. Nothing when there is no such preset or file.
std::optional<json::Value> resolve_cluster(const json::Value& written, const std::string& pointer,
                                           const std::filesystem::path& folder, Issues&);

/// Nothing when the file can't be opened or is no JSON object; what else is wrong in it stands in `faulty`, too.
/// `name` is a file, or a committed scenario ("llama3-405b-16384-h100", sim/scenario/catalogue/*.json).
std::optional<Loaded> load(const std::string& name, const std::vector<std::string>& assignments, Issues&);
/// The same for a text; `name` is what positions call it, and paths in it start from that name's folder.
std::optional<Loaded> load_text(std::string_view text, const std::string& name,
                                const std::vector<std::string>& assignments, Issues&);
std::vector<std::string> scenario_names();

struct BoundTraining {
  std::string name;
  workload::Transformer model;
  workload::TrainingPlan plan;  ///< complete; recompute resolved
  std::int64_t first_gpu = 0;
  std::int64_t tokens = 0;
  double jitter = 0;
  std::optional<TrainingRun> run{};
  bool forward_only = false;  ///< log-probabilities or scores alone
};

struct Bound {
  topology::ClusterSpecification specification;
  topology::Cluster cluster;
  std::unique_ptr<topology::Network> network;
  calibration::Device device;     ///< of all nodes, or those that other_nodes names no other for
  OtherDevices other_devices;     ///< of a mixed cluster
  std::vector<double> gpu_speed;  ///< by GPU; empty: all 1
  std::vector<BoundTraining> training;
  std::vector<BoundServing> serving;
  std::vector<BoundTrace> traces;
  std::vector<BoundCollective> collectives;
  std::vector<BoundGeneration> generation;
  std::vector<BoundReinforcement> reinforcement;
  std::vector<BoundApplication> applications;
  Economy economy;
  std::string name, digest;

  const calibration::Device& device_at(std::int64_t gpu) const {
    return scenario::device_at(specification, device, other_devices, gpu);
  }
  /// The different ones of a job's GPUs.
  std::vector<const calibration::Device*> devices_of(std::int64_t first_gpu, std::int64_t gpus) const {
    return devices_among(specification, device, other_devices, first_gpu, gpus);
  }
  /// Of work that waits for the slowest of these GPUs, beside healthy ones.
  double slowdown(std::int64_t first_gpu, std::int64_t gpus) const {
    if (gpu_speed.empty()) return 1;
    const auto first = gpu_speed.begin() + first_gpu;
    return 1 / *std::min_element(first, first + gpus);
  }
};

/// Nothing with errors: unknown names, plans that don't divide, jobs that overlap or exceed the cluster, disconnected
/// graphs, ... A plan that does not fit in memory is no error here; the analysis says so.
std::unique_ptr<Bound> bind(const Loaded&, Issues&);

}  // namespace plenum::scenario
