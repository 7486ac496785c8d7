#include "workloads/training/denoising_activations.hpp"

#include "workloads/training/quantization.hpp"

namespace plenum::workload {
namespace {

double product(std::int64_t a, std::int64_t b) { return static_cast<double>(a) * static_cast<double>(b); }

/// Queries, keys and values; queries and keys before their norm as well; what was found, and a row's statistics.
double attention(const Transformer& model, const TrainingPlan& plan, std::int64_t queries, std::int64_t keys,
                 const Share& share) {
  const double width = static_cast<double>(share.attended);
  const auto q = static_cast<double>(queries), k = static_cast<double>(keys);
  const double before_norm = model.qk_norm ? 2 * (q + k) * width : 0;
  const double statistics = plan.flash_attention ? 4 * product(queries, share.heads) : 0;
  return 2 * (q + 2 * k) * width + before_norm + statistics;
}

}  // namespace

DenoisingActivations denoising_activations(const Transformer& model, const TrainingPlan& plan, Mixer mixer) {
  const Share whole = share_of(model, plan);
  const double operand = kept_operand_bytes(plan);
  DenoisingActivations kept;
  kept.whole = attention(model, plan, whole.tokens, whole.tokens, whole);
  if (!plan.flash_attention) kept.scores = 2 * product(whole.sequences * whole.heads, whole.length * whole.length);
  if (mixer == Mixer::denoising && model.diffusion->crosses())
    kept.whole += attention(model, plan, whole.tokens, whole.sequences * model.diffusion->text_tokens, whole);
  for (const BlockMatrix& m : block_matrices(model, mixer)) {
    if (m.split == Split::whole) continue;
    const Share share = share_of_rows(model, plan, m.rows);
    const double stream = product(share.resident, model.hidden);
    if (m.normalized) {  // the norm's input, and what it made
      kept.whole += (2 + operand) * stream;
      kept.modules += operand * stream;
    }
    if (m.split == Split::rows) {  // the product's operand, and its result, which the gate's gradient needs
      const double activated = product(share.tokens, m.activated / plan.tensor_parallel);
      kept.whole += operand * product(share.tokens, m.in / plan.tensor_parallel) + 2 * activated + 2 * stream;
      kept.modules += operand * activated;
    }
  }
  kept.whole += kept.scores;
  return kept;
}

}  // namespace plenum::workload
