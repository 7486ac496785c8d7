// Diffusion transformers from diffusers' transformer/config.json.
#pragma once

#include "workloads/hugging_face_reader.hpp"
#include "workloads/model.hpp"

namespace plenum::workload {

/// By "_class_name": FluxTransformer2DModel, SD3Transformer2DModel, DiTTransformer2DModel, WanTransformer3DModel,
/// HunyuanVideoTransformer3DModel. What such a file doesn't say (text, autoencoder, size of the picture) is as the
/// model's pipeline has it by default. Issues are errors of the file; unknown classes list the known ones.
std::optional<Transformer> from_diffusers(ConfigReader&);

}  // namespace plenum::workload
