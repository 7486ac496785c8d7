#include "workloads/model_parts.hpp"

namespace plenum::workload {
namespace {

constexpr Range size_range = between(1, 1 << 20);
constexpr Range size_or_none = between(0, 1 << 20);

}  // namespace

void describe(Fields& fields, Experts& e) {
  fields.required("count", e.count, "Experts in a layer", between(1, 1 << 16));
  fields.required("active", e.active, "Experts that a token goes to", between(1, 1 << 16));
  fields.required("ffn", e.ffn, "Inner width of one expert", size_range);
  fields.optional("shared_ffn", e.shared_ffn, "Inner width of the shared experts together; 0: there are none",
                  size_or_none);
  fields.optional("latent", e.latent, "Width of the experts' input, projected from hidden; 0: hidden itself",
                  size_or_none);
  fields.optional("first", e.first, "Layers before the first one with experts", size_or_none);
  fields.optional("every", e.every, "Every n-th layer has experts, the others a dense MLP", size_range);
}

void describe(Fields& fields, LatentAttention& l) {
  fields.optional("query_rank", l.query_rank, "Width of the latent queries; 0: made from hidden", size_or_none);
  fields.required("kv_rank", l.kv_rank, "Width of the latent keys and values", size_range);
  fields.required("content_dim", l.content_dim, "Width of a head's query without position", size_range);
  fields.required("position_dim", l.position_dim, "Width of a head's rotated query", size_range);
  fields.required("value_dim", l.value_dim, "Width of a head's value", size_range);
}

void describe(Fields& fields, StateSpace& s) {
  fields.required("heads", s.heads, "Heads of the inner stream", size_range);
  fields.required("head_dim", s.head_dim, "Width of one head", size_range);
  fields.optional("groups", s.groups, "Groups of heads that share state vectors", size_range);
  fields.required("state", s.state, "Width of a state vector", size_range);
  fields.optional("convolution", s.convolution, "Tokens under the causal convolution", size_range);
  fields.optional("delta_rule", s.delta_rule, "Gated DeltaNet; false: Mamba-2");
}

}  // namespace plenum::workload
