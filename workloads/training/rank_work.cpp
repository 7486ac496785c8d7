#include "workloads/training/rank_work.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/training/casts.hpp"
#include "workloads/training/quantization.hpp"

namespace plenum::workload {

Precision RankWork::outer_precision() const {
  return plan.precision == Precision::fp16 ? Precision::fp16 : Precision::bf16;
}

void RankWork::product(std::string_view name, std::int64_t m, std::int64_t n, std::int64_t k, Precision precision,
                       std::int64_t batch, Family family) {
  operations.push_back({name, family, MatrixProduct{m, n, k, batch, precision}});
}

/// `rows` are spread evenly over the groups.
void RankWork::grouped_product(std::string_view name, std::int64_t groups, std::int64_t rows, std::int64_t n,
                               std::int64_t k) {
  operations.push_back({name, Family::matrix_product,
                        GroupedProduct{groups, std::max<std::int64_t>(1, rows / groups), n, k, layer_precision(),
                                       plan.expert_kernels == ExpertKernels::separate}});
}

void RankWork::move(std::string_view name, Family family, std::int64_t elements, Traffic traffic) {
  const Bytes bytes(std::llround(static_cast<double>(elements) * traffic.bytes));
  operations.push_back({name, family, MemoryBound{bytes, traffic.launches, traffic.kernel, traffic.fused}});
}

void RankWork::communicate(std::string_view name, CollectiveKind kind, GroupDimension group, Bytes bytes,
                           bool overlapped, double exposed) {
  operations.push_back({name, Family::communication, Communication{kind, group, bytes, overlapped, exposed}});
}

/// What crosses is the operand as the product reads it, so quantized operands travel quantized.
void RankWork::gather_rows(std::string_view name, Precision precision, bool overlapped) {
  if (!splits_sequence(plan)) return;
  const double elements = static_cast<double>(share.tokens * share.hidden);
  communicate(name, CollectiveKind::all_gather, GroupDimension::tensor,
              Bytes(std::llround(elements * crossing_operand_bytes(plan, precision))), overlapped);
}

void RankWork::reduce_rows(std::string_view name, bool overlapped, double exposed) {
  if (plan.tensor_parallel == 1) return;
  const auto kind = splits_sequence(plan) ? CollectiveKind::reduce_scatter : CollectiveKind::all_reduce;
  communicate(name, kind, GroupDimension::tensor, Bytes(2 * share.tokens * share.hidden), overlapped, exposed);
}

void RankWork::gradient_products(const Matrix& matrix, std::int64_t rows, std::int64_t bias_rows) {
  quantize_again(*this, matrix, rows);
  product(matrix.input_gradient, rows, matrix.in, matrix.out, matrix.precision);
  if (!trains_everything()) return;
  product(matrix.weight_gradient, matrix.out, matrix.in, rows, matrix.precision);
  // FSDP reduces the gradient as it is; others add it to the one of earlier micro-batches, fused into the product or
  // not.
  if (!plan.fused_kernels && plan.sharding != Sharding::parameters)
    move("gradient_accumulation", Family::optimizer, matrix.in * matrix.out, gradient_accumulation());
  if (matrix.bias) move("bias_gradient", Family::activation, bias_rows * matrix.out, column_sum());
}

void RankWork::forward_product(const Matrix& matrix, std::int64_t rows) {
  quantize_weight(*this, matrix);
  product(matrix.name, rows, matrix.out, matrix.in, matrix.precision);
}

void RankWork::column_parallel_forward(const Matrix& matrix) {
  gather_rows("gather_input", matrix.precision, pipelines_tensor(plan));
  forward_product(matrix, share.tokens);
}

/// The input is gathered again for the weight's gradient, when there is one, beside the input gradient's product; the
/// input's gradient is reduced beside the weight gradient's product (Megatron-LM,
/// LinearWithGradAccumulationAndAsyncCommunication).
void RankWork::column_parallel_backward(const Matrix& matrix) {
  if (trains_everything()) gather_rows("gather_input", matrix.precision, true);
  gradient_products(matrix, share.tokens, share.tokens);
  reduce_rows("reduce_input_gradient", true);
}

/// Transformer Engine multiplies in four parts (num_splits of its recipes), each reduced beside the next.
void RankWork::row_parallel_forward(const Matrix& matrix) {
  constexpr double last_part = 0.25;
  forward_product(matrix, share.tokens);
  reduce_rows("reduce_output", pipelines_tensor(plan), last_part);
}

void RankWork::row_parallel_backward(const Matrix& matrix) {
  gather_rows("gather_output_gradient", matrix.precision, pipelines_tensor(plan));
  gradient_products(matrix, share.tokens, share.resident);  // its bias is added after the reduction
}

void RankWork::replicated_forward(const Matrix& matrix) { forward_product(matrix, share.resident); }

void RankWork::replicated_backward(const Matrix& matrix) { gradient_products(matrix, share.resident, share.resident); }

void RankWork::local_forward(const Matrix& matrix) { forward_product(matrix, share.tokens); }

void RankWork::local_backward(const Matrix& matrix) { gradient_products(matrix, share.tokens, share.tokens); }

}  // namespace plenum::workload
