// Small random data centers and jobs, also with broken symmetry: the judges of folding.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sim/scenario/scenario.hpp"

namespace plenum::test {

inline std::int64_t one_of(std::initializer_list<std::int64_t> values) {
  return *rc::gen::elementOf(std::vector(values));
}
inline bool chance(int one_in) { return *rc::gen::inRange(0, one_in) == 0; }

inline topology::ClusterSpecification random_cluster() {
  topology::ClusterSpecification cluster;
  cluster.name = "random";
  cluster.nodes = *rc::gen::inRange<std::int64_t>(2, 9);
  cluster.node.gpus = one_of({2, 4});
  cluster.node.nics = chance(3) ? cluster.node.gpus / 2 : cluster.node.gpus;
  cluster.node.nvlink_domain_nodes = cluster.nodes % 2 == 0 && chance(4) ? 2 : 1;
  cluster.node.nvlink = BytesPerSecond(100e9 * static_cast<double>(*rc::gen::inRange(1, 5)));
  cluster.fabric.levels = one_of({2, 3});
  cluster.fabric.rail_optimized = chance(2);
  cluster.fabric.switch_ports = 16;
  cluster.fabric.nodes_per_leaf_group = one_of({1, 2, 4});
  if (cluster.fabric.levels == 3) cluster.fabric.leaf_groups_per_pod = 1;
  cluster.fabric.leaf_oversubscription = static_cast<double>(one_of({1, 2}));
  cluster.fabric.routing = static_cast<topology::RoutingKind>(*rc::gen::inRange(0, 3));
  if (chance(4))
    cluster.other_nodes = {{.first = 0,
                            .count = *rc::gen::inRange<std::int64_t>(1, cluster.nodes),
                            .preset = {},
                            .gpu = chance(2) ? "A100-80GB-SXM" : "",
                            .nic = BytesPerSecond(25e9)}};
  if (chance(3)) cluster.degraded_links.push_back({"nic 0", "gpu 0", 0.5});
  if (chance(4)) cluster.degraded_links.push_back({"nic 0", "leaf 0", 0.3});
  return cluster;
}

inline workload::Transformer small_model(std::int64_t layers) {
  workload::Transformer model;
  model.name = "small";
  model.layers = layers;
  model.hidden = 1024;
  model.heads = model.kv_heads = 8;
  model.ffn = 4096;
  model.vocabulary = 32000;
  model.context = 512;
  model.fill_defaults();
  return model;
}

/// A job on `gpus` GPUs from `first_gpu` on: any plan that divides them.
inline scenario::BoundTraining random_job(const std::string& name, std::int64_t first_gpu, std::int64_t gpus,
                                          std::int64_t gpus_per_node) {
  workload::TrainingPlan plan;
  plan.tensor_parallel = one_of({1, 2, gpus_per_node});
  while (gpus % plan.tensor_parallel != 0) plan.tensor_parallel /= 2;
  for (const std::int64_t stages : {4, 3, 2}) {
    if ((gpus / plan.tensor_parallel) % stages == 0 && chance(2)) plan.pipeline_parallel = stages;
  }
  plan.virtual_stages = plan.pipeline_parallel > 1 ? one_of({1, 2}) : 1;
  const std::int64_t replicas = gpus / (plan.tensor_parallel * plan.pipeline_parallel);
  plan.context_parallel = replicas % 2 == 0 && chance(4) ? 2 : 1;
  plan.data_parallel = replicas / plan.context_parallel;
  plan.global_batch = plan.data_parallel * plan.pipeline_parallel * one_of({1, 2, 3});
  plan.sequence_length = 512;
  plan.recompute = chance(2) ? workload::Recompute::none : workload::Recompute::full;
  plan.sharding = static_cast<workload::Sharding>(*rc::gen::inRange(0, plan.pipeline_parallel == 1 ? 4 : 3));
  plan.overlap_tensor = plan.tensor_parallel > 1 && chance(3);
  plan.overlap_data = !chance(3) || plan.sharding == workload::Sharding::parameters;
  plan.order = chance(2) ? workload::RankOrder::tp_cp_dp_pp : workload::RankOrder::tp_cp_pp_dp;
  scenario::BoundTraining job{name, small_model(plan.pipeline_parallel * plan.virtual_stages * one_of({1, 2})), plan,
                              first_gpu, 0};
  const auto problems = complete(job.plan, job.model, gpus);
  RC_PRE(problems.empty());
  return job;
}

/// One job over the whole cluster, or two side by side; sometimes with a slow GPU.
inline std::unique_ptr<scenario::Bound> random_scenario() {
  auto bound = std::make_unique<scenario::Bound>();
  bound->name = "random";
  bound->specification = random_cluster();
  RC_PRE(check(bound->specification).empty());
  bound->cluster = topology::build(bound->specification);
  bound->network = topology::make_network(bound->cluster, bound->specification);
  Issues issues;
  bound->device = std::move(*calibration::load_device("H100-SXM", {}, "", issues));
  bound->other_devices = scenario::load_other_devices(
      bound->specification, "", [](const std::string&) { return Position{}; }, issues);
  const std::int64_t nodes = bound->specification.nodes, per_node = bound->specification.node.gpus;
  const std::int64_t first = chance(2) ? nodes : nodes / 2;
  bound->training.push_back(random_job("a", 0, first * per_node, per_node));
  if (first < nodes) bound->training.push_back(random_job("b", first * per_node, (nodes - first) * per_node, per_node));
  if (chance(3)) {
    bound->gpu_speed.assign(static_cast<std::size_t>(nodes * per_node), 1.0);
    for (const double speed : {0.7, 0.9})
      bound->gpu_speed[*rc::gen::inRange<std::size_t>(0, bound->gpu_speed.size())] = speed;
  }
  return bound;
}

}  // namespace plenum::test
