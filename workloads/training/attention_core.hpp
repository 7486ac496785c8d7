// The core of attention on one rank: scores, softmax and the weighted sum of values, fused (FlashAttention) or as
// software of 2020 to 2022 ran it, and the keys and values that context-parallel ranks pass on.
#pragma once

#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

void attention_core_forward(RankWork&);
void attention_core_backward(RankWork&);

}  // namespace plenum::workload
