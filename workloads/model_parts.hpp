// What models have beyond the plain transformer: experts, latent attention, state-space layers.
#pragma once

#include <cstdint>

#include "sim/core/fields.hpp"

namespace plenum::workload {

/// Mixture of experts in place of the MLP: a router sends every token to `active` of `count` experts.
struct Experts {
  std::int64_t count = 0;
  std::int64_t active = 0;      ///< per token
  std::int64_t ffn = 0;         ///< inner width of one expert
  std::int64_t shared_ffn = 0;  ///< inner width of what every token goes through, all shared experts together; 0: none
  std::int64_t latent = 0;      ///< width of the experts' input (Nemotron 3's LatentMoE); 0: hidden
  std::int64_t first = 0;       ///< layers before the first one with experts (DeepSeek: 1 to 3)
  std::int64_t every = 1;       ///< every n-th layer has experts (Llama 4 Maverick: 2)
};

/// Multi-head latent attention (arXiv 2405.04434, 2.1).
struct LatentAttention {
  std::int64_t query_rank = 0;  ///< 0: queries are made from the whole width
  std::int64_t kv_rank = 0;
  std::int64_t content_dim = 0;   ///< of a query or key, per head, without position (qk_nope_head_dim)
  std::int64_t position_dim = 0;  ///< rotated; of keys one for all heads (qk_rope_head_dim)
  std::int64_t value_dim = 0;
  std::int64_t query_dim() const { return content_dim + position_dim; }
};

/// Mamba-2 (arXiv 2405.21060) or Gated DeltaNet (arXiv 2412.06464), which has the same sizes: its values are the inner
/// stream, its keys and queries the two state vectors of a group.
struct StateSpace {
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t groups = 1;  ///< that share state vectors (DeltaNet: key heads)
  std::int64_t state = 0;   ///< width of a state vector (DeltaNet: of a key)
  std::int64_t convolution = 4;
  bool delta_rule = false;         ///< Gated DeltaNet
  bool separate_products = false;  ///< served so: gate, inner stream and steps come from products of their own
  std::int64_t inner() const { return heads * head_dim; }
  std::int64_t convolved() const { return inner() + 2 * groups * state; }
  /// Columns of the product that makes gate, inner stream, state vectors and steps.
  std::int64_t projected() const { return inner() + convolved() + heads * (delta_rule ? 2 : 1); }
};

void describe(Fields&, Experts&);
void describe(Fields&, LatentAttention&);
void describe(Fields&, StateSpace&);

}  // namespace plenum::workload
