// What is measured, a suite per file. Each skips what was measured already.
#pragma once

#include "calibration/microbench/recorder.cuh"

namespace microbench {

bool is_format(const std::string& name);          ///< whether matrix_products knows it
void matrix_products(Recorder&, int device);      ///< cuBLASLt over formats and shapes
void grouped_products(Recorder&, int device);     ///< experts' products in one call
void attention_reference(Recorder&, int device);  ///< causal attention forward and backward, own kernels
void memory_kernels(Recorder&, int device);       ///< copy, norm, activation, softmax, optimizer, gather
void expert_permutation(Recorder&, int device);   ///< tokens sorted by expert, and their sum back
void paged_decode(Recorder&, int device);         ///< decoding attention over a paged cache
void launches_and_copies(Recorder&, int device);  ///< launch, graph, synchronization; host and peer copies
void nccl_collectives(Recorder&, int device);     ///< all-reduce and its siblings over all GPUs
void overlap(Recorder&, int device);              ///< products and copies beside copies and a collective's stand-in
void power_and_clocks(Recorder&, int device);     ///< idle, reading, matrix load, steady state

}  // namespace microbench
