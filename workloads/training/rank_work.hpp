// Builds lists of operations for one rank: the model, the plan, the rank's share, and one function per kind of work.
#pragma once

#include "workloads/operation.hpp"
#include "workloads/training/share.hpp"
#include "workloads/training/traffic.hpp"

namespace plenum::workload {

class RankWork {
 public:
  RankWork(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind = {})
      : RankWork(model, plan, kind, workload::share_of(model, plan)) {}
  RankWork(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind, const Share& share)
      : model(model), plan(plan), kind(kind), share(share) {}

  const Transformer& model;
  const TrainingPlan& plan;
  const LayerKind kind;
  const Share share;
  Operations operations;

  void product(std::string_view name, std::int64_t m, std::int64_t n, std::int64_t k, Precision, std::int64_t batch = 1,
               Family = Family::matrix_product);
  void grouped_product(std::string_view name, std::int64_t groups, std::int64_t rows, std::int64_t n, std::int64_t k);
  void move(std::string_view name, Family, std::int64_t elements, Traffic);
  void communicate(std::string_view name, CollectiveKind, GroupDimension, Bytes, bool overlapped = false,
                   double exposed = 0);

  bool trains_everything() const { return plan.adapter_rank == 0; }  ///< else weights are frozen: no gradients of them
  Precision layer_precision() const { return plan.precision; }
  Precision outer_precision() const;  ///< of attention, head and embedding: 16 bits

  /// A matrix of `in` x `out` (whole sizes on this rank). Column parallel: its input is gathered over the tensor group,
  /// row parallel: its output is reduced. Sequence parallelism makes the two gather and reduce-scatter, else identity
  /// and all-reduce (Korthikanti 2022, 4.2.2).
  struct Matrix {
    std::string_view name, input_gradient, weight_gradient;  ///< what the three products are called
    std::int64_t in = 0, out = 0;
    Precision precision = Precision::bf16;
    bool bias = false;
  };
  void column_parallel_forward(const Matrix&);
  void column_parallel_backward(const Matrix&);
  void row_parallel_forward(const Matrix&);
  void row_parallel_backward(const Matrix&);
  /// A matrix that every rank of the tensor group holds whole and applies to its resident rows.
  void replicated_forward(const Matrix&);
  void replicated_backward(const Matrix&);
  /// Column parallel, from an input of which the rank has all rows already; its gradient stays a partial sum.
  void local_forward(const Matrix&);
  void local_backward(const Matrix&);

 private:
  void gather_rows(std::string_view name, Precision, bool overlapped);
  void reduce_rows(std::string_view name, bool overlapped, double exposed = 0);
  void forward_product(const Matrix&, std::int64_t rows);
  void gradient_products(const Matrix&, std::int64_t rows, std::int64_t bias_rows);
};

}  // namespace plenum::workload
