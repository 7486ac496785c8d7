#include "workloads/training/quantization.hpp"

namespace plenum::workload {

bool is_quantized(Precision precision) { return bytes_per_element(precision) < 2; }

double operand_bytes(Precision precision) {
  switch (precision) {
    case Precision::fp8_block:
      return 1 + 4.0 / 128;  // an fp32 scale per 128 elements
    case Precision::mxfp8:
      return 1 + 1.0 / 32;
    case Precision::nvfp4:
      return 0.5 + 1.0 / 16;
    default:
      return bytes_per_element(precision);
  }
}

Traffic cast(Precision precision) {
  const Traffic once{2 + 2 * operand_bytes(precision), 1};
  return precision == Precision::nvfp4 ? once + Traffic{2, 1} : once;
}

bool cast_is_fused_into_norm(Precision precision) { return precision == Precision::fp8; }

bool keeps_only_quantized(Precision precision) { return precision == Precision::fp8 || precision == Precision::mxfp8; }

double kept_operand_bytes(const TrainingPlan& plan) {
  return plan.casts == Casts::per_use ? 2 : operand_bytes(plan.precision);
}

/// Operands with a scale per row are gathered before they are cast (torchtitan, enable_float8_tensorwise_tp).
double crossing_operand_bytes(const TrainingPlan& plan, Precision of_product) {
  return plan.casts == Casts::per_use ? 2 : operand_bytes(of_product);
}

double weight_bytes(const TrainingPlan& plan) {
  if (!is_quantized(plan.precision) || plan.casts == Casts::per_use) return 2;
  const double copy = operand_bytes(plan.precision);
  if (plan.casts == Casts::per_operand) return copy + (gathers_quantized(plan) ? 0 : 2);
  return 2 * copy + (keeps_only_quantized(plan.precision) ? 0 : 2);
}

bool gathers_quantized(const TrainingPlan& plan) {
  return plan.gather_quantized && plan.sharding == Sharding::parameters && plan.casts == Casts::per_operand &&
         is_quantized(plan.precision);
}

}  // namespace plenum::workload
