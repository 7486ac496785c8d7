// Low-rank adapters of all linear layers of attention and MLP: what one weighs, and in how many kernels it is applied.
#pragma once

#include "workloads/model.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::workload {

/// bf16, on one GPU: of every matrix m x n two of m x r and r x n, split over the tensor-parallel GPUs.
Bytes adapter_bytes(const Transformer&, const ServingPlan&, std::int64_t rank);

/// Kernels of a pass that apply the adapters of a whole batch: shrink and expand for each of the four fused products
/// of a layer (Chen et al., "Punica", MLSys 2024; as vLLM does).
std::int64_t adapter_kernels(const Transformer&, const ServingPlan&);

}  // namespace plenum::workload
