#include "workloads/training/casts.hpp"

#include "workloads/training/quantization.hpp"

namespace plenum::workload {
namespace {

bool casts_itself(const RankWork& work) {
  return work.plan.casts != Casts::cached && is_quantized(work.layer_precision());
}

/// Scales of blocks are found by the kernel that casts.
bool has_one_scale(const RankWork& work) { return work.layer_precision() == Precision::fp8; }

/// The largest value: read, and joined by a short kernel. Eager: absolutes (r2 w2), their maximum (r2), then four
/// kernels on single numbers.
Traffic largest(const RankWork& work, bool on_the_way) {
  if (!work.plan.fused_kernels) return {6, 6};
  if (!has_one_scale(work)) return {0, 0};
  return {on_the_way ? 0.0 : 2.0, on_the_way ? 1 : 2};
}

/// Eager: to fp32 (r2 w4), scaled (r4 w4), limited (r4 w4), cast (r4 w1).
double kernel_bytes(const RankWork& work, int copies) {
  const double operand = operand_bytes(work.layer_precision());
  return work.plan.fused_kernels ? 2 + copies * operand : 6 + 8 + 8 + 4 + operand;
}
std::int64_t kernels(const RankWork& work) { return work.plan.fused_kernels ? 1 : 4; }

Traffic as_cast(const RankWork& work, Traffic traffic) {
  return {traffic.bytes, traffic.launches, MemoryKernel::cast, work.plan.fused_kernels};
}

/// One operand for all products of its matrix.
Traffic once(const RankWork& work, bool on_the_way) {
  const double operand = operand_bytes(work.layer_precision());
  const Traffic transposed = work.plan.fused_kernels ? Traffic{0, 0} : Traffic{2 * operand, 1};
  return as_cast(work, largest(work, on_the_way) + Traffic{kernel_bytes(work, 2), kernels(work)} + transposed);
}

/// One operand for one product; transposed, it is copied in 16 bits first, or by the kernel that casts.
Traffic for_one(const RankWork& work, bool on_the_way, bool transposed) {
  const Traffic copied = transposed && !work.plan.fused_kernels ? copy() : Traffic{0, 0};
  return as_cast(work, copied + largest(work, on_the_way) + Traffic{kernel_bytes(work, 1), kernels(work)});
}

Traffic first_cast(const RankWork& work, bool on_the_way) {
  if (work.plan.casts == Casts::cached) return cast(work.layer_precision());
  return work.plan.casts == Casts::per_operand ? once(work, on_the_way) : for_one(work, on_the_way, false);
}

/// A tensor that the tensor group shares has one scale for all of it (torchtitan, docs/float8.md).
void share_largest(RankWork& work) {
  if (work.plan.casts == Casts::per_operand && has_one_scale(work) && work.plan.tensor_parallel > 1)
    work.communicate("reduce_largest", CollectiveKind::all_reduce, GroupDimension::tensor, Bytes(4));
}

void cast_operand(RankWork& work, std::string_view name, std::int64_t elements, bool on_the_way) {
  if (!is_quantized(work.layer_precision())) return;
  work.move(name, Family::activation, elements, first_cast(work, on_the_way));
  share_largest(work);
}

}  // namespace

void quantize(RankWork& work, std::string_view name, std::int64_t elements) {
  cast_operand(work, name, elements, true);
}

void quantize_attended(RankWork& work, std::string_view name, std::int64_t elements) {
  cast_operand(work, name, elements, false);
}

void quantize_normed(RankWork& work, std::string_view name, std::int64_t elements) {
  if (casts_itself(work) || !cast_is_fused_into_norm(work.layer_precision())) quantize(work, name, elements);
}

/// What was gathered in 8 bits is only copied, transposed.
void quantize_weight(RankWork& work, const RankWork::Matrix& matrix) {
  if (!casts_itself(work) || !is_quantized(matrix.precision)) return;
  const double operand = operand_bytes(matrix.precision);
  const Traffic traffic = gathers_quantized(work.plan) ? Traffic{2 * operand, 1} : first_cast(work, false);
  work.move("cast_weight", Family::activation, matrix.in * matrix.out, traffic);
  if (!gathers_quantized(work.plan)) share_largest(work);
}

void quantize_again(RankWork& work, const RankWork::Matrix& matrix, std::int64_t rows) {
  if (work.plan.casts != Casts::per_use || !is_quantized(matrix.precision)) return;
  const Traffic traffic = for_one(work, false, true);
  work.move("cast_weight_again", Family::activation, matrix.in * matrix.out, traffic);
  if (!work.trains_everything()) return;
  work.move("cast_gradient_again", Family::activation, rows * matrix.out, traffic);
  work.move("cast_input_again", Family::activation, rows * matrix.in, traffic);
}

}  // namespace plenum::workload
