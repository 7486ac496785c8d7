// The tables of a scenario's fields.
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {

constexpr Range rank = between(0, 1 << 24);
constexpr Range price = at_least(0);

const Catalogue& clusters() {
  static const Catalogue catalogue{
      .kind = "cluster",
      .listing = "plenum list clusters",
      .names = topology::preset_names,
      .refusal = {},
      .bases = {{"preset", "Committed cluster to start from; the other members override it"},
                {"import",
                 "File to start from, beside the scenario: GraphML, Graphviz (.dot), edge list (.edges), "
                 "ASTRA-sim network (.yml) or NCCL topology of a node (.xml)"}},
  };
  return catalogue;
}

std::string why_no_model(const std::string& name) {
  Issues found;
  return workload::find_model(name, found) ? "" : found.all().front().message;
}

const Catalogue& models() {
  static const Catalogue catalogue{
      .kind = "model",
      .listing = "plenum list models",
      .names = workload::model_names,
      .refusal = why_no_model,
      .bases = {{"preset", "Committed model to start from; the other members override it"},
                {"config", "Path of a Hugging Face config.json to start from, beside the scenario"}},
  };
  return catalogue;
}

}  // namespace

void describe(Fields& fields, SlowGpu& slow) {
  fields.required("gpu", slow.gpu, "Its number in the cluster, from 0", rank);
  fields.required("speed", slow.speed, "Its speed, as a part of a healthy one's", between(1e-3, 1));
}

void describe(Fields& fields, TrainingJob& job) {
  fields.named_or_object("model", job.model_name, job.model, "What is trained", models());
  fields.required("plan", job.plan, "How it is spread over GPUs and in time");
  fields.optional("first_node", job.first_node, "Where the job starts; it takes whole nodes in a row", rank);
  fields.optional("gpus", job.gpus, "GPUs of the job; 0: the rest of the cluster", rank);
  fields.optional("run", job.run,
                  "What the run does beside its steps: checkpoints, validation, failures; needs tokens");
  fields.optional("jitter", job.jitter,
                  "Relative standard deviation of a GPU's kernel times from step to step, beside that among GPUs",
                  between(0, 1));
  fields.optional("tokens", job.tokens, "Tokens of the whole run, to price it; 0: not priced", between(0, 1e17));
}

void describe(Fields& fields, ServingJob& job) { describe_serving(fields, job, models()); }

void describe(Fields& fields, GenerationJob& job) { describe_generation(fields, job, models()); }

void describe(Fields& fields, ScoringModel& scoring) {
  fields.named_or_object("model", scoring.model_name, scoring.model, "The model that scores, in the actor's plan",
                         models());
}

void describe(Fields& fields, ReinforcementJob& job) { describe_reinforcement(fields, job, models()); }

void describe(Fields& fields, Job& job) {
  fields.optional("name", job.name, "What results call the job");
  fields.optional("training", job.training, "A training job");
  fields.optional("serving", job.serving, "A serving deployment");
  fields.optional("generation", job.generation, "A deployment that makes images or videos");
  fields.optional("reinforcement", job.reinforcement,
                  "Reinforcement learning or preference optimization: rollout, scores and updates in turn");
  fields.optional("application", job.application,
                  "Requests that go through several stages: models that other jobs serve, searches, tools");
  fields.optional("trace", job.trace, "An execution trace of another tool");
  fields.optional("collective", job.collective, "One collective operation, beside what else runs on the fabric");
}

void describe(Fields& fields, Rent& rent) {
  fields.optional("per_gpu", rent.per_gpu, "Price of one GPU", price);
  fields.optional("per_instance", rent.per_instance, "Price of one instance", price);
  fields.optional("gpus_per_instance", rent.gpus_per_instance, "GPUs of one instance", between(1, 1 << 16));
}

void describe(Fields& fields, Ownership& own) {
  fields.required("per_gpu", own.per_gpu, "Capital per GPU, all in: node, fabric, facility", price);
  fields.optional("lifetime", own.lifetime, "Years over which the capital is written off", positive());
  fields.optional("electricity", own.electricity, "Price of energy", price);
  fields.optional("utilization", own.utilization, "Part of its life that the machine is used", between(1e-3, 1));
}

void describe(Fields& fields, Economy& economy) {
  fields.optional("rent", economy.rent, "What renting costs");
  fields.optional("own", economy.own, "What owning costs");
  fields.optional("power_usage_effectiveness", economy.power_usage_effectiveness,
                  "Power of the facility over power of its computers", between(1, 10));
  fields.optional("node_power", economy.node_power,
                  "Measured at training load, per node; 0 W: from the specification of device and node",
                  between(0, 1e9));
}

void describe(Fields& fields, Scenario& scenario) {
  std::string from_a_preset;  // the loader has laid it under the object
  fields.optional("$schema", scenario.schema, "Schema for editors: scenario.schema.json");
  fields.optional("name", scenario.name, "What results call the scenario");
  fields.optional("source", scenario.source, "Where the numbers come from");
  fields.named_or_object(
      "cluster", from_a_preset, true, "The cluster's nodes and wiring", clusters(), [] {},
      [&](Fields& below) { describe(below, scenario.cluster); });
  fields.optional("slow_gpus", scenario.slow_gpus, "GPUs that run below their speed");
  fields.required("jobs", scenario.jobs, "What runs, all at once");
  fields.optional("economy", scenario.economy, "What GPUs and energy cost");
}

}  // namespace plenum::scenario
