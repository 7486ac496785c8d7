// Parameters that one rank holds, counted after tensor and expert parallelism. Experts are counted apart: other ranks
// hold the same ones, so their gradients are reduced over another group.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/model.hpp"
#include "workloads/training/plan.hpp"

namespace plenum::workload {

struct Elements {
  std::int64_t common = 0;   ///< of everything but routed experts
  std::int64_t experts = 0;  ///< of routed experts
  std::int64_t all() const { return common + experts; }
};
constexpr Elements operator*(std::int64_t n, const Elements& e) { return {n * e.common, n * e.experts}; }
constexpr Elements operator+(const Elements& a, const Elements& b) {
  return {a.common + b.common, a.experts + b.experts};
}

Elements layer_elements(const Transformer&, const TrainingPlan&, const LayerKind&);
/// Of them, what matrix products read in the plan's precision.
Elements layer_matrix_elements(const Transformer&, const TrainingPlan&, const LayerKind&);
/// Sum over layers.
Elements elements_of(const Transformer&, const TrainingPlan&, const std::vector<LayerCount>&);
Elements matrix_elements_of(const Transformer&, const TrainingPlan&, const std::vector<LayerCount>&);

/// LoRA: adapters beside attention's two matrices, all that is trained of a layer.
std::int64_t adapter_elements(const Transformer&, const TrainingPlan&, const LayerKind&);

/// Input embedding and positions, with the vision encoder; head and last norm (a copy of a tied embedding when the last
/// stage is not the first); what joins the stream and the next token's embedding for multi-token prediction.
std::int64_t embedding_elements(const Transformer&, const TrainingPlan&);
std::int64_t trained_embedding_elements(const Transformer&, const TrainingPlan&);
std::int64_t head_elements(const Transformer&, const TrainingPlan&);

}  // namespace plenum::workload
