#include "workloads/training/attention_core.hpp"
#include "workloads/training/casts.hpp"
#include "workloads/training/mixers.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

const LatentAttention& sizes(const RankWork& work) { return *work.model.latent_attention; }

/// Queries directly from the stream when they have no latent vector.
bool has_latent_query(const RankWork& work) { return sizes(work).query_rank > 0; }
std::int64_t queries(const RankWork& work) { return work.share.heads * sizes(work).query_dim(); }
std::int64_t latent_width(const RankWork& work) {
  return sizes(work).query_rank + sizes(work).kv_rank + sizes(work).position_dim;
}

Matrix query_down(const RankWork& work) {
  return {"query_down",      "query_down_input_gradient", "query_down_weight_gradient",
          work.share.hidden, sizes(work).query_rank,      work.layer_precision()};
}
Matrix query_up(const RankWork& work) {
  return {"query_up",
          "query_up_input_gradient",
          "query_up_weight_gradient",
          has_latent_query(work) ? sizes(work).query_rank : work.share.hidden,
          queries(work),
          work.layer_precision()};
}
Matrix kv_down(const RankWork& work) {
  return {"kv_down",
          "kv_down_input_gradient",
          "kv_down_weight_gradient",
          work.share.hidden,
          sizes(work).kv_rank + sizes(work).position_dim,
          work.layer_precision()};
}
Matrix kv_up(const RankWork& work) {
  return {"kv_up",
          "kv_up_input_gradient",
          "kv_up_weight_gradient",
          sizes(work).kv_rank,
          work.share.heads * (sizes(work).content_dim + sizes(work).value_dim),
          work.layer_precision()};
}
Matrix projection(const RankWork& work) {
  return {"projection",        "projection_input_gradient", "projection_weight_gradient",
          work.share.attended, work.share.hidden,           work.layer_precision()};
}

std::int64_t latents(const RankWork& work) {
  return work.share.resident * (sizes(work).query_rank + sizes(work).kv_rank);
}

/// With sequence parallelism the narrow latent vectors are gathered, not the wide stream.
void gather_latents(RankWork& work, CollectiveKind kind) {
  if (!splits_sequence(work.plan)) return;
  work.communicate(kind == CollectiveKind::all_gather ? "gather_latents" : "reduce_latents_gradient", kind,
                   GroupDimension::tensor, Bytes(2 * work.share.tokens * latent_width(work)));
}

/// Rotates the position's part and lays it beside the content's: reads and writes queries and keys.
void positions(RankWork& work, std::string_view name) {
  work.move(name, Family::attention, work.share.tokens * 2 * queries(work), rotary(work.plan.fused_kernels));
}

}  // namespace

void decompress(RankWork& work) {
  work.local_forward(query_up(work));
  work.local_forward(kv_up(work));
  positions(work, "rotary");
}

void latent_attention_forward(RankWork& work) {
  const bool fused = work.plan.fused_kernels;
  if (has_latent_query(work)) work.replicated_forward(query_down(work));
  work.replicated_forward(kv_down(work));
  work.move("latent_norm", Family::norm, latents(work), norm_forward(work.model.norm, fused));
  gather_latents(work, CollectiveKind::all_gather);
  quantize_normed(work, "cast_latents", work.share.tokens * latent_width(work));
  decompress(work);
  attention_core_forward(work);
  quantize_attended(work, "cast_attended", work.share.tokens * work.share.attended);
  work.row_parallel_forward(projection(work));
}

void latent_attention_backward(RankWork& work) {
  work.row_parallel_backward(projection(work));
  attention_core_backward(work);
  positions(work, "rotary_backward");
  quantize(work, "cast_gradient", work.share.tokens * (queries(work) + kv_up(work).out));
  work.local_backward(kv_up(work));
  work.local_backward(query_up(work));
  gather_latents(work, CollectiveKind::reduce_scatter);
  work.move("latent_norm_backward", Family::norm, latents(work),
            norm_backward(work.model.norm, work.plan.fused_kernels));
  work.replicated_backward(kv_down(work));
  if (has_latent_query(work)) work.replicated_backward(query_down(work));
}

}  // namespace plenum::workload
