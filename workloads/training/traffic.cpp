#include "workloads/training/traffic.hpp"

namespace plenum::workload {
namespace {

constexpr Traffic mask_write{.bytes = 1, .launches = 0};

}  // namespace

Traffic norm_forward(Norm norm, bool fused) {
  if (fused || norm == Norm::layer_norm) return {2 + 2, 1, MemoryKernel::norm, fused};
  // Llama's in eager mode: to fp32 (r2 w4), square (r4 w4), mean (r4), scale (r4 w4), back (r4 w2), weight (r2 w2)
  return {6 + 8 + 4 + 8 + 6 + 4, 6};
}

Traffic norm_backward(Norm norm, bool fused) {
  if (fused) return {2 + 2 + 2, 2, MemoryKernel::norm_backward};
  // the weight's gradient reads both again
  if (norm == Norm::layer_norm) return {2 + 2 + 2 + 4, 2, MemoryKernel::norm_backward, false};
  return {54, 9};  // the six kernels of forward, each with one operand more
}

// Unfused: half turned (r2 w2), times sine (r2 w2), times cosine (r2 w2), sum (r4 w2)
Traffic rotary(bool fused) {
  return fused ? Traffic{2 + 2, 1, MemoryKernel::rotary} : Traffic{4 + 4 + 4 + 6, 4, MemoryKernel::rotary, false};
}

Traffic activation_forward(bool gated, bool fused) {
  if (!gated) return {2 + 2, 1};
  return {fused ? 4.0 + 2 : 4.0 + 6, fused ? 1 : 2, MemoryKernel::activation, fused};
}

Traffic activation_backward(bool gated, bool fused) {
  if (!gated) return {4 + 2, 1};
  return {fused ? 6.0 + 4 : 6.0 + 6 + 6, fused ? 1 : 3, MemoryKernel::activation_backward, fused};
}

Traffic residual_forward(bool dropout, bool fused) {
  if (!dropout) return add();
  return fused ? add() + mask_write : add() + Traffic{2 + 2, 1} + mask_write;
}

Traffic dropout_backward() { return {2 + 1 + 2, 1}; }
Traffic add() { return {4 + 2, 1}; }

Traffic softmax_forward(bool dropout, bool fused) {
  const Traffic core = fused ? Traffic{2 + 2, 1} : Traffic{4 + 5 + 4, 3};  // unfused: scale, mask (r2 r1 w2), softmax
  return dropout ? core + Traffic{2 + 2, 1} + mask_write : core;
}

Traffic softmax_backward(bool dropout, bool fused) {
  const Traffic core = fused ? Traffic{4 + 2, 1} : Traffic{6 + 5 + 4, 3};
  return dropout ? core + dropout_backward() : core;
}

Traffic copy() { return {2 + 2, 1}; }

Traffic loss_forward(const TrainingPlan& plan) {
  if (plan.compiled_loss) return {2, 1, MemoryKernel::loss};
  // to fp32 (r2 w4), maximum (r4), exponential of the difference with its sum (r4 w4), division (r4 w4)
  if (plan.fused_kernels) return {6 + 4 + 8 + 8, 4};
  // to fp32 (r2 w4), logarithm of the softmax (r4 w4)
  if (plan.tensor_parallel == 1) return {6 + 8, 2, MemoryKernel::loss, false};
  // difference (r4 w4), exponential (r4 w4) and sum (r4) on their own
  return {6 + 4 + 8 + 8 + 4 + 8, 6};
}

Traffic loss_backward(const TrainingPlan& plan) {
  if (plan.compiled_loss) return {2 + 2, 1, MemoryKernel::loss_backward};
  // times the loss's gradient (r4 w4), to bf16 (r4 w2); unfused: the target's column subtracted on a copy (r4 w4)
  return plan.fused_kernels ? Traffic{8 + 6, 2} : Traffic{8 + 8 + 6, 3, MemoryKernel::loss_backward, false};
}

Traffic gathered_parameter(Bytes element) { return {2 * static_cast<double>(element.value()), 1}; }
Traffic gradient_to_reduce(const TrainingPlan& plan) {
  return {2 + (plan.gradient_precision == Precision::fp32 ? 4.0 : 2.0), 1};
}

Traffic column_sum() { return {2, 1}; }
Traffic gradient_accumulation() { return {2 + 4 + 4, 1}; }

}  // namespace plenum::workload
