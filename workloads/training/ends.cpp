#include "workloads/training/ends.hpp"

#include "workloads/training/denoising.hpp"
#include "workloads/training/encoder.hpp"

namespace plenum::workload {
namespace {

RankWork::Matrix head_matrix(const RankWork& work) {
  return {"head",
          "head_input_gradient",
          "head_weight_gradient",
          work.share.hidden,
          work.share.vocabulary,
          work.outer_precision(),
          false};
}

std::int64_t logits(const RankWork& work) { return work.share.tokens * work.share.vocabulary; }

/// Every rank looks up the tokens of its part of the vocabulary and holds zeros for the others; the sum is whole.
void reduce_embedded(RankWork& work) {
  if (work.plan.tensor_parallel == 1) return;
  const auto kind = splits_sequence(work.plan) ? CollectiveKind::reduce_scatter : CollectiveKind::all_reduce;
  work.communicate("reduce_embedded", kind, GroupDimension::tensor, Bytes(2 * work.share.tokens * work.share.hidden));
}

/// Cross entropy over a split vocabulary exchanges three fp32 numbers per token: maximum, target's logit, sum.
void reduce_loss(RankWork& work) {
  if (work.plan.tensor_parallel == 1) return;
  work.communicate("reduce_loss", CollectiveKind::all_reduce, GroupDimension::tensor, Bytes(4 * work.share.tokens));
  work.operations.back().count = 3;
}

}  // namespace

Operations embedding_forward(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return denoising_input_forward(model, plan);
  RankWork work(model, plan);
  const Share& share = work.share;
  work.operations = encoder_forward(model, plan);
  work.move("embedding", Family::embedding, share.tokens * share.hidden, copy());
  reduce_embedded(work);
  if (model.learned_positions) work.move("add_positions", Family::embedding, share.resident * share.hidden, add());
  if (plan.dropout) work.move("embedding_dropout", Family::embedding, share.resident * share.hidden, copy());
  return std::move(work.operations);
}

/// PyTorch makes a dense gradient (zeroed, then a read and a write per token) and adds it to the one in fp32.
Operations embedding_backward(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return denoising_input_backward(model, plan);
  RankWork work(model, plan);
  if (!work.trains_everything()) return {};
  const Share& share = work.share;
  if (splits_sequence(plan))
    work.communicate("gather_embedded_gradient", CollectiveKind::all_gather, GroupDimension::tensor,
                     Bytes(2 * share.tokens * share.hidden));
  work.move("embedding_backward", Family::embedding, share.tokens * share.hidden, add());
  work.move("embedding_dense_gradient", Family::embedding, share.vocabulary * share.hidden,
            Traffic{2, 1} + gradient_accumulation());
  for (const Operation& operation : encoder_backward(model, plan)) work.operations.push_back(operation);
  return std::move(work.operations);
}

namespace {

void predict(RankWork& work) {
  work.move("last_norm", Family::norm, work.share.resident * work.share.hidden,
            norm_forward(work.model.norm, work.plan.fused_kernels));
  work.column_parallel_forward(head_matrix(work));
  work.move("loss", Family::loss, logits(work), loss_forward(work.plan));
  reduce_loss(work);
}

void predict_backward(RankWork& work) {
  work.move("loss_backward", Family::loss, logits(work), loss_backward(work.plan));
  work.column_parallel_backward(head_matrix(work));
  work.move("last_norm_backward", Family::norm, work.share.resident * work.share.hidden,
            norm_backward(work.model.norm, work.plan.fused_kernels));
}

/// Each further prediction starts from the stream and the next token's embedding, side by side (arXiv 2412.19437, 2.2).
RankWork::Matrix join_matrix(const RankWork& work) {
  return {"predict_ahead",   "predict_ahead_input_gradient", "predict_ahead_weight_gradient", 2 * work.share.hidden,
          work.share.hidden, work.outer_precision()};
}

}  // namespace

Operations head_forward(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return denoising_output_forward(model, plan);
  RankWork work(model, plan);
  predict(work);
  for (std::int64_t ahead = 0; ahead < model.predicted_ahead; ++ahead) {
    work.replicated_forward(join_matrix(work));
    predict(work);
  }
  return std::move(work.operations);
}

Operations head_backward(const Transformer& model, const TrainingPlan& plan) {
  if (model.diffusion) return denoising_output_backward(model, plan);
  RankWork work(model, plan);
  for (std::int64_t ahead = 0; ahead < model.predicted_ahead; ++ahead) {
    predict_backward(work);
    work.replicated_backward(join_matrix(work));
  }
  predict_backward(work);
  return std::move(work.operations);
}

}  // namespace plenum::workload
