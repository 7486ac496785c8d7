// The vision encoder on one rank: it stands on the first pipeline stage, before the embedding, split over the tensor
// group as the language model is, and computes in 16 bits. Every context-parallel rank encodes all images of its
// micro-batch and keeps its part of the tokens (Megatron-LM, LLaVAModel). Frozen, it has no backward pass; the
// projector is trained unless only adapters are.
#pragma once

#include "workloads/operation.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

bool encodes(const Transformer&, const TrainingPlan&);  ///< there is an encoder, and sequences have images

/// Tokens of a micro-batch's images in the language model; each rank has all of them.
std::int64_t image_rows(const Transformer&, const TrainingPlan&);

/// Of a micro-batch; nothing without images.
Operations encoder_forward(const Transformer&, const TrainingPlan&);
Operations encoder_backward(const Transformer&, const TrainingPlan&);

/// Elements that a rank holds, and those of them that stay as they are.
std::int64_t encoder_elements(const Transformer&, const TrainingPlan&);
std::int64_t frozen_encoder_elements(const Transformer&, const TrainingPlan&);

/// Kept between a micro-batch's passes.
Bytes encoder_activations(const Transformer&, const TrainingPlan&);

/// Of a step, whole job: a forward pass of its images, and with what follows from it backward; 2 per element and row,
/// 4 per pair of patches and channel of attention (see model_flops_formula).
Flops encoder_flops(const Transformer&, const TrainingPlan&);
Flops recomputed_encoder_flops(const Transformer&, const TrainingPlan&);  ///< its layers once more, with them all

/// What does not divide or does not fit into the sequence: pointer below the plan, message.
std::vector<std::pair<std::string, std::string>> check_images(const TrainingPlan&, const Transformer&);

}  // namespace plenum::workload
