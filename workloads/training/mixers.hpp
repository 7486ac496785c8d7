// What mixes tokens in a layer: everything between the layer's norm and its residual.
#pragma once

#include "workloads/training/rank_work.hpp"

namespace plenum::workload {

void attention_forward(RankWork&);
void attention_backward(RankWork&);

/// To the images of the sequence, on every rank to all of them.
void cross_attention_forward(RankWork&);
void cross_attention_backward(RankWork&);

/// DeepSeek's, as Megatron-Core trains it: keys and values are decompressed, then attended to as usual.
void latent_attention_forward(RankWork&);
void latent_attention_backward(RankWork&);
void decompress(RankWork&);  ///< of it: queries, keys and values from the latent vectors, with their positions

/// Mamba-2 with the chunked scan of its paper (arXiv 2405.21060, listing 1), and Gated DeltaNet as if it were that.
void state_space_forward(RankWork&);
void state_space_backward(RankWork&);

}  // namespace plenum::workload
