// Plans of a replica that a search for capacity tries, inside one node.
#pragma once

#include <vector>

#include "workloads/serving/serving_plan.hpp"

namespace plenum::analysis {

using ServingPlans = std::vector<workload::ServingPlan>;

/// The plan as written with every tensor parallelism that a node holds; what else is written stays.
ServingPlans plans_by_tensor(const workload::ServingPlan& written, std::int64_t node_gpus);

/// All others of powers of two that divide the model: of models with experts attention ranks of their own and experts
/// that are spread (over all GPUs of a stage) or split; and pipelines, last. Those with the fewest GPUs first.
ServingPlans other_plans(const workload::ServingPlan& written, const workload::Transformer&, std::int64_t node_gpus);

}  // namespace plenum::analysis
