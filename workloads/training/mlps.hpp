// What transforms every token alone in a layer: everything between the layer's norm and its residual.
#pragma once

#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

void dense_mlp_forward(RankWork&);
void dense_mlp_backward(RankWork&);

/// Router, dispatch to the ranks of the experts, their products, the way back, and the shared experts.
void experts_forward(RankWork&);
void experts_backward(RankWork&);

/// What of them is computed once more before their backward pass: modules, or all that a gradient needs.
void dense_mlp_until_down(RankWork&);
void dense_mlp_again(RankWork&, const RecomputeModules&);
void experts_again(RankWork&, const RecomputeModules&);

/// A plain or gated MLP of another width: `up` and `ffn` columns.
void mlp_forward(RankWork&, std::int64_t up, std::int64_t ffn, bool bias);
void mlp_backward(RankWork&, std::int64_t up, std::int64_t ffn, bool bias);
void mlp_activation(RankWork&, std::int64_t ffn);

}  // namespace plenum::workload
