// What memory-bound kernels move: bytes per element read and written, and launches. Fused: Megatron-Core with
// Transformer Engine, one kernel per step of the layer. Unfused: PyTorch's eager kernels, one per arithmetic operation.
// Activations have 2 bytes (bf16 or fp16); "r2 w4" in the source reads 2 and writes 4 bytes.
#pragma once

#include <cstdint>

#include "sim/core/memory_kernel.hpp"
#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct Traffic {
  double bytes = 0;  ///< per element
  std::int64_t launches = 1;
  MemoryKernel kernel = MemoryKernel::stream;
  bool fused = true;
};
/// One after the other; the first one's kernel stands for both.
constexpr Traffic operator+(Traffic a, Traffic b) {
  return {a.bytes + b.bytes, a.launches + b.launches, a.kernel, a.fused};
}

Traffic norm_forward(Norm, bool fused);
Traffic norm_backward(Norm, bool fused);
Traffic rotary(bool fused);                          ///< per element of queries and keys, either pass
Traffic activation_forward(bool gated, bool fused);  ///< per element of ffn
Traffic activation_backward(bool gated, bool fused);
Traffic residual_forward(bool dropout, bool fused);  ///< dropout, then added to the residual stream
Traffic dropout_backward();
Traffic add();                                      ///< where two gradients of the residual stream meet
Traffic softmax_forward(bool dropout, bool fused);  ///< per score; scale, mask, softmax, dropout
Traffic softmax_backward(bool dropout, bool fused);
Traffic copy();  ///< one tensor into another layout
/// Per logit. In fp32: fused, or of Megatron over a split vocabulary, or PyTorch's own over a whole one. Compiled: the
/// logits are read once in each direction (torch.compile).
Traffic loss_forward(const TrainingPlan&);
Traffic loss_backward(const TrainingPlan&);
Traffic column_sum();  ///< gradient of a bias
/// FSDP gathers a layer's parameters into one buffer and copies each out of it; gradients are copied into one, in the
/// type that they are reduced in (PyTorch, _fsdp_collectives.py: all_gather_copy_out, chunk_cat). Per element.
Traffic gathered_parameter(Bytes element);
Traffic gradient_to_reduce(const TrainingPlan&);
Traffic gradient_accumulation();  ///< bf16 weight gradient added to the fp32 one, unfused only

}  // namespace plenum::workload
