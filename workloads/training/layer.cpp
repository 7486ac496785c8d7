#include "workloads/training/layer.hpp"

#include "workloads/training/casts.hpp"
#include "workloads/training/denoising.hpp"
#include "workloads/training/mixers.hpp"
#include "workloads/training/mlps.hpp"
#include "workloads/training/rank_work.hpp"
#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

std::int64_t stream(const RankWork& work) { return work.share.resident * work.share.hidden; }

void norm_and_cast(RankWork& work) {
  work.move("norm", Family::norm, stream(work), norm_forward(work.model.norm, work.plan.fused_kernels));
  quantize_normed(work, "cast_norm", stream(work));
}

void residual(RankWork& work) {
  if (work.model.post_norms)
    work.move("post_norm", Family::norm, stream(work), norm_forward(work.model.norm, work.plan.fused_kernels));
  work.move("residual", Family::norm, stream(work), residual_forward(work.plan.dropout, work.plan.fused_kernels));
}

/// From the gradient of the stream back to the row-parallel matrix that added to it.
void residual_backward(RankWork& work) {
  if (work.plan.dropout) work.move("dropout_backward", Family::norm, stream(work), dropout_backward());
  if (work.model.post_norms)
    work.move("post_norm_backward", Family::norm, stream(work),
              norm_backward(work.model.norm, work.plan.fused_kernels));
  quantize(work, "cast_gradient", stream(work));
}

/// From the column-parallel matrix back through the norm, where the gradient of the stream joins.
void norm_backward_and_join(RankWork& work) {
  work.move("norm_backward", Family::norm, stream(work), norm_backward(work.model.norm, work.plan.fused_kernels));
  work.move("join_gradients", Family::norm, stream(work), add());
}

struct Block {
  void (*forward)(RankWork&);
  void (*backward)(RankWork&);
};

Block block_of(Mixer mixer) {
  switch (mixer) {
    case Mixer::cross_attention:
      return {cross_attention_forward, cross_attention_backward};
    case Mixer::latent_attention:
      return {latent_attention_forward, latent_attention_backward};
    case Mixer::state_space:
      return {state_space_forward, state_space_backward};
    default:
      return {attention_forward, attention_backward};
  }
}

Block block_of(Mlp mlp) {
  return mlp == Mlp::experts ? Block{experts_forward, experts_backward} : Block{dense_mlp_forward, dense_mlp_backward};
}

void forward(RankWork& work, const Block& block) {
  norm_and_cast(work);
  block.forward(work);
  residual(work);
}

void backward(RankWork& work, const Block& block) {
  residual_backward(work);
  block.backward(work);
  norm_backward_and_join(work);
}

void forward(RankWork& work) {
  if (is_denoising(work.kind.mixer)) return denoising_forward(work);
  if (work.kind.mixer != Mixer::none) forward(work, block_of(work.kind.mixer));
  if (work.kind.mlp != Mlp::none) forward(work, block_of(work.kind.mlp));
}

/// Of a checkpointed layer, before its backward pass.
void forward_again(RankWork& work) {
  if (!stops_early(work.plan, work.kind)) return forward(work);
  if (work.kind.mixer != Mixer::none) forward(work, block_of(work.kind.mixer));
  norm_and_cast(work);
  dense_mlp_until_down(work);
}

/// Once more, before each block's backward pass; attention's core does it by itself.
void modules_again(RankWork& work, const RecomputeModules& again, Mixer mixer) {
  if (again.layernorm) norm_and_cast(work);
  if (again.mla_up_proj && mixer == Mixer::latent_attention) decompress(work);
}
void modules_again(RankWork& work, const RecomputeModules& again, Mlp mlp) {
  if (again.layernorm) norm_and_cast(work);
  mlp == Mlp::experts ? experts_again(work, again) : dense_mlp_again(work, again);
}

void denoise_back(RankWork& work) {
  if (work.plan.recompute == Recompute::modules) denoising_modules(work);
  denoising_backward(work);
}

template <class Part>
void backward(RankWork& work, Part part) {
  if (part == Part::none) return;
  modules_again(work, recomputed_modules(work.plan), part);
  backward(work, block_of(part));
}

}  // namespace

Operations layer_forward(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  RankWork work(model, plan, kind);
  forward(work);
  return std::move(work.operations);
}

Operations layer_backward(const Transformer& model, const TrainingPlan& plan, const LayerKind& kind) {
  RankWork work(model, plan, kind);
  if (plan.recompute == Recompute::full) forward_again(work);
  if (is_denoising(kind.mixer)) {
    denoise_back(work);
  } else {
    backward(work, kind.mlp);
    backward(work, kind.mixer);
  }
  return std::move(work.operations);
}

}  // namespace plenum::workload
