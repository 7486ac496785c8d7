#include "workloads/training/denoising.hpp"

#include "workloads/training/attention_core.hpp"
#include "workloads/training/casts.hpp"

namespace plenum::workload {
namespace {

/// The eager kernels of a modulated norm beyond the norm: times the scale (r2 w2), plus the shift (r2 w2).
Traffic modulated(Traffic norm, bool fused) { return fused ? norm : norm + Traffic{4 + 4, 2}; }

/// Into the stream through a gate; eager: times the gate (r2 w2), then added.
Traffic gated_residual(bool fused) { return fused ? add() : add() + Traffic{2 + 2, 1}; }
/// Gradient of what was gated (r2 w2), and of the gate, a sum over tokens (r2 r2).
Traffic gated_residual_backward(bool fused) { return {4 + 4, fused ? 1 : 2}; }

/// A text that patches attend to, or a vector per sample: no part of the stream.
bool outside_of_stream(const RankWork& work, Rows rows) {
  return rows == Rows::sample || (rows == Rows::text && !work.model.diffusion->joint());
}

RankWork::Matrix on_rank(const RankWork& work, const BlockMatrix& m) {
  const std::int64_t t = work.plan.tensor_parallel;
  return {m.name,
          m.input_gradient,
          m.weight_gradient,
          m.split == Split::rows ? m.in / t : m.in,
          m.split == Split::columns ? m.out / t : m.out,
          m.split == Split::whole ? work.outer_precision() : work.layer_precision(),
          true};
}

/// Does `what` for the rank's rows of a matrix and keeps the operations.
template <class Function>
void with_rows(RankWork& work, Rows rows, Function what) {
  RankWork part(work.model, work.plan, work.kind, share_of_rows(work.model, work.plan, rows));
  what(part);
  work.operations.insert(work.operations.end(), part.operations.begin(), part.operations.end());
}

void product_forward(RankWork& work, const BlockMatrix& m) {
  const RankWork::Matrix matrix = on_rank(work, m);
  if (m.split == Split::whole) return work.replicated_forward(matrix);
  if (m.split == Split::rows) return work.row_parallel_forward(matrix);
  outside_of_stream(work, m.rows) ? work.local_forward(matrix) : work.column_parallel_forward(matrix);
}

void product_backward(RankWork& work, const BlockMatrix& m) {
  const RankWork::Matrix matrix = on_rank(work, m);
  if (m.split == Split::whole) return work.replicated_backward(matrix);
  if (m.split == Split::rows) return work.row_parallel_backward(matrix);
  outside_of_stream(work, m.rows) ? work.local_backward(matrix) : work.column_parallel_backward(matrix);
}

std::int64_t stream(const RankWork& work) { return work.share.resident * work.share.hidden; }
std::int64_t activated(const RankWork& work, const BlockMatrix& m) {
  return work.share.tokens * m.activated / work.plan.tensor_parallel;
}

/// What makes the operand of a product.
void operand(RankWork& work, const BlockMatrix& m) {
  const bool fused = work.plan.fused_kernels;
  if (m.normalized) {
    work.move("norm", Family::norm, stream(work), modulated(norm_forward(work.model.norm, fused), fused));
    quantize_normed(work, "cast_norm", stream(work));
  }
  if (m.activated > 0) {
    work.move("activation", Family::activation, activated(work, m), activation_forward(work.model.gated_mlp, fused));
    quantize(work, "cast_activated", activated(work, m));
  }
}

void operand_backward(RankWork& work, const BlockMatrix& m) {
  const bool fused = work.plan.fused_kernels;
  if (m.activated > 0)
    work.move("activation_backward", Family::activation, activated(work, m),
              activation_backward(work.model.gated_mlp, fused));
  if (!m.normalized) return;
  work.move("norm_backward", Family::norm, stream(work), modulated(norm_backward(work.model.norm, fused), fused));
  work.move("join_gradients", Family::norm, stream(work), add());
}

/// Queries and keys of the whole stream: normalized, turned by their position.
void positions(RankWork& work, bool backward) {
  const bool fused = work.plan.fused_kernels;
  const std::int64_t elements = 2 * work.share.tokens * work.share.attended;
  if (work.model.qk_norm)
    work.move(backward ? "qk_norm_backward" : "qk_norm", Family::norm, elements,
              backward ? norm_backward(Norm::rms_norm, fused) : norm_forward(Norm::rms_norm, fused));
  if (work.model.rotary())
    work.move(backward ? "rotary_backward" : "rotary", Family::attention, elements, rotary(fused));
}

/// Patches of this rank over the whole text.
void cross_attention(RankWork& work, AttentionPass pass) {
  if (!work.model.diffusion->crosses()) return;
  const Share& share = work.share;
  const std::int64_t text = work.model.diffusion->text_tokens;
  work.operations.push_back({pass == AttentionPass::forward ? "cross_attention" : "cross_attention_backward",
                             Family::attention,
                             Attention{.batch = share.sequences,
                                       .heads = share.heads,
                                       .kv_heads = share.kv_heads,
                                       .query_length = share.length,
                                       .kv_length = text,
                                       .head_dim = share.head_dim,
                                       .causal = false,
                                       .pass = pass,
                                       .precision = work.outer_precision(),
                                       .kernel = work.plan.attention_kernel}});
  if (!work.model.qk_norm) return;
  const std::int64_t elements = (share.tokens + share.sequences * text) * share.attended;
  const bool fused = work.plan.fused_kernels;
  work.move(
      "cross_qk_norm", Family::norm, elements,
      pass == AttentionPass::forward ? norm_forward(Norm::rms_norm, fused) : norm_backward(Norm::rms_norm, fused));
}

std::vector<BlockMatrix> matrices(const RankWork& work) { return block_matrices(work.model, work.kind.mixer); }

}  // namespace

Share share_of_rows(const Transformer& model, const TrainingPlan& plan, Rows rows) {
  const Diffusion& d = *model.diffusion;
  Share share = share_of(model, plan);
  const std::int64_t c = plan.context_parallel;
  const std::int64_t text = share.sequences * ((d.joint_text_tokens() + c - 1) / c);
  if (rows == Rows::both) return share;
  if (rows == Rows::patches) share.tokens -= text;
  if (rows == Rows::text) share.tokens = d.joint() ? text : share.sequences * d.text_tokens;
  if (rows == Rows::sample) share.tokens = share.sequences;
  const bool whole = rows == Rows::sample || (rows == Rows::text && !d.joint());
  share.resident = !whole && splits_sequence(plan) ? share.tokens / plan.tensor_parallel : share.tokens;
  return share;
}

/// Matrices up to the first one back into the stream, attention, the rest. Nobody looks on inside a block, so that
/// kernels between the products may stand beside the product that they feed.
void denoising_forward(RankWork& work) {
  bool attended = false;
  for (const BlockMatrix& m : matrices(work)) {
    if (m.split == Split::rows && !attended) {
      positions(work, false);
      attention_core_forward(work);
      attended = true;
    }
    with_rows(work, m.rows, [&](RankWork& part) {
      operand(part, m);
      product_forward(part, m);
      if (m.split == Split::rows)
        part.move("residual", Family::norm, stream(part), gated_residual(work.plan.fused_kernels));
    });
  }
  if (work.kind.mixer == Mixer::denoising) cross_attention(work, AttentionPass::forward);
}

void denoising_backward(RankWork& work) {
  const auto list = matrices(work);
  if (work.kind.mixer == Mixer::denoising) cross_attention(work, AttentionPass::backward);
  for (auto m = list.rbegin(); m != list.rend(); ++m) {
    with_rows(work, m->rows, [&](RankWork& part) {
      if (m->split == Split::rows) {
        part.move("residual_backward", Family::norm, stream(part), gated_residual_backward(work.plan.fused_kernels));
        quantize(part, "cast_gradient", stream(part));
      }
      product_backward(part, *m);
      operand_backward(part, *m);
    });
  }
  attention_core_backward(work);
  positions(work, true);
  quantize(work, "cast_gradient", work.share.tokens * work.share.qkv);
}

void denoising_modules(RankWork& work) {
  for (const BlockMatrix& m : matrices(work)) with_rows(work, m.rows, [&](RankWork& part) { operand(part, m); });
}

std::int64_t denoising_matrix_elements(const Transformer& model, const TrainingPlan& plan, Mixer mixer) {
  std::int64_t sum = 0;
  for (const BlockMatrix& m : block_matrices(model, mixer))
    if (m.split != Split::whole) sum += m.in * m.out / plan.tensor_parallel;
  return sum;
}

std::int64_t denoising_vector_elements(const Transformer& model, const TrainingPlan& plan, Mixer mixer) {
  std::int64_t sum = block_vectors(model, mixer);
  for (const BlockMatrix& m : block_matrices(model, mixer))
    sum += m.split == Split::whole ? m.parameters() : m.split == Split::columns ? m.out / plan.tensor_parallel : m.out;
  return sum;
}

namespace {

void apply(RankWork& work, const std::vector<BlockMatrix>& list, void (*product)(RankWork&, const BlockMatrix&)) {
  for (const BlockMatrix& m : list) with_rows(work, m.rows, [&](RankWork& part) { product(part, m); });
}

void over_patches(RankWork& work, std::string_view name, Family family, std::int64_t width, Traffic traffic) {
  with_rows(work, Rows::patches,
            [&](RankWork& part) { part.move(name, family, part.share.resident * width, traffic); });
}

}  // namespace

Operations denoising_input_forward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  over_patches(work, "add_noise", Family::embedding, model.diffusion->patch_in(), add());
  apply(work, input_matrices(model), product_forward);
  return std::move(work.operations);
}

Operations denoising_input_backward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  apply(work, input_matrices(model), product_backward);
  return std::move(work.operations);
}

Operations denoising_output_forward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  const bool fused = plan.fused_kernels;
  over_patches(work, "last_norm", Family::norm, model.hidden, modulated(norm_forward(model.norm, fused), fused));
  apply(work, output_matrices(model), product_forward);
  // To fp32 (r2 w4), difference (r4 r4 w4), square and sum (r4).
  over_patches(work, "loss", Family::loss, model.diffusion->patch_out(), {6 + 12 + 4, 3});
  return std::move(work.operations);
}

Operations denoising_output_backward(const Transformer& model, const TrainingPlan& plan) {
  RankWork work(model, plan);
  const bool fused = plan.fused_kernels;
  over_patches(work, "loss_backward", Family::loss, model.diffusion->patch_out(), {8 + 6, 2});
  apply(work, output_matrices(model), product_backward);
  over_patches(work, "last_norm_backward", Family::norm, model.hidden,
               modulated(norm_backward(model.norm, fused), fused));
  return std::move(work.operations);
}

}  // namespace plenum::workload
