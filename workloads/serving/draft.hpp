// Who drafts tokens for speculative decoding when it is the model itself: one more layer and the head.
#pragma once

#include "workloads/model.hpp"
#include "workloads/serving/serving_plan.hpp"

namespace plenum::workload {

/// A model of one layer, the last one's kind.
Transformer draft_layer(const Transformer&);

/// On one GPU; embedding and head are the model's own.
Bytes draft_layer_bytes(const Transformer&, const ServingPlan&);

/// Tokens that a step of k drafted ones gives on average, each accepted with probability a when those before it are:
/// (1 - a^(k+1)) / (1 - a). Leviathan et al., "Fast inference from transformers via speculative decoding" (2023), (1).
double expected_tokens(std::int64_t drafted, double acceptance);

}  // namespace plenum::workload
