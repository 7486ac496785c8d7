// What making pictures is as operations of one GPU: the text encoder once, passes of the transformer, the decoder once;
// and what that holds in memory.
#pragma once

#include "workloads/diffusion/generation_plan.hpp"
#include "workloads/operation.hpp"

namespace plenum::workload {

/// One pass over `pictures` of a batch, on one of the GPUs that share it; with the scheduler's update, which moves as
/// much as training's loss.
Operations denoising_pass(const Transformer&, const GenerationPlan&, std::int64_t pictures);

/// `encoder`: a language model without its head; in 16 bits.
Operations text_encoding(const Transformer& encoder, std::int64_t texts, std::int64_t tokens);

/// Latents to pixels. Convolutions count 2 x kernel elements x channels in x channels out x pixels and stand as the
/// matrix products of that shape that they are computed as (implicit GEMM, cuDNN); norms with activations are bound by
/// memory; one attention of a single head over the latents of a frame (diffusers, vae.py: Decoder).
Operations decoding(const Diffusion&, std::int64_t pictures);
double decoding_flops(const Diffusion&);  ///< of one picture

/// Weights of transformer and text encoder, and what a pass holds at its fullest.
struct GenerationMemory {
  Bytes weights{}, encoder{}, activations{}, buffers{};
  Bytes total() const { return weights + encoder + activations + buffers; }
};
GenerationMemory generation_memory(const Transformer&, const GenerationPlan&, const Transformer* encoder);

}  // namespace plenum::workload
