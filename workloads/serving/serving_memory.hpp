// What a replica keeps in the memory of one GPU.
#pragma once

#include "workloads/serving/serving_plan.hpp"

namespace plenum::workload {

Bytes weight_bytes(const Transformer&, const ServingPlan&);
/// Keys and values that a token adds, on every layer of a stage that keeps all of them. Layers with a window keep a
/// window's worth, state-space layers a state (with drafts one for each, too), whatever the length: small beside that
/// and left out.
Bytes kv_bytes_per_token(const Transformer&, const ServingPlan&);

}  // namespace plenum::workload
