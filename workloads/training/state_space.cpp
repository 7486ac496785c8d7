#include <algorithm>

#include "workloads/training/casts.hpp"
#include "workloads/training/mixers.hpp"

namespace plenum::workload {
namespace {

using Matrix = RankWork::Matrix;

constexpr std::int64_t chunk_length = 128;  // tokens that the scan takes together (Megatron-Core's mamba_chunk_size)

Matrix in_matrix(const RankWork& work) {
  return {"state_space_in",  "state_space_in_input_gradient",    "state_space_in_weight_gradient",
          work.share.hidden, work.share.state_space.projected(), work.layer_precision()};
}
Matrix out_matrix(const RankWork& work) {
  return {"state_space_out",
          "state_space_out_input_gradient",
          "state_space_out_weight_gradient",
          work.share.state_space.inner(),
          work.share.hidden,
          work.layer_precision()};
}

std::int64_t inner(const RankWork& work) { return work.share.tokens * work.share.state_space.inner(); }
std::int64_t convolved(const RankWork& work) { return work.share.tokens * work.share.state_space.convolved(); }
std::int64_t chunks(const RankWork& work) { return std::max<std::int64_t>(1, work.share.tokens / chunk_length); }

/// One state per chunk and head, in fp32.
std::int64_t states(const RankWork& work) {
  const StateSpace& s = work.share.state_space;
  return chunks(work) * s.heads * s.head_dim * s.state;
}

/// Mamba-2's kernels are Triton's: at 2,048 tokens they take as long as FlashAttention-2 (arXiv 2405.21060, figure 10)
/// for an eighth of its operations, where batched products of these sizes reach half of its rate.
constexpr std::int64_t triton_slowdown = 4;

/// Inside a chunk: scores of all pairs per group, applied per head. Between chunks: each chunk's state, and what states
/// give to the tokens after them. `times` is 1 forward; backward takes the gradient of both operands of each.
void scan_products(RankWork& work, std::int64_t times) {
  const StateSpace& s = work.share.state_space;
  const auto product = [&](std::string_view name, std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch) {
    work.product(name, m, n, k, work.outer_precision(), chunks(work) * batch * times, Family::attention);
    work.operations.back().count = triton_slowdown;
  };
  product("scan_scores", chunk_length, chunk_length, s.state, s.groups);
  product("scan_values", chunk_length, s.head_dim, chunk_length, s.heads);
  product("scan_chunk_state", s.state, s.head_dim, chunk_length, s.heads);
  product("scan_from_state", chunk_length, s.head_dim, s.state, s.heads);
}

/// Chunk states are written, passed on (read, written) and read again.
constexpr Traffic state_traffic{4 + 8 + 4, 3};

void scan(RankWork& work) {
  scan_products(work, 1);
  work.move("scan_states", Family::attention, states(work), state_traffic);
  work.move("scan_stream", Family::attention, inner(work), {2 + 2 + 4, 1});
}

}  // namespace

void state_space_forward(RankWork& work) {
  work.column_parallel_forward(in_matrix(work));
  work.move("convolution", Family::activation, convolved(work), {2 + 2, 1});
  scan(work);
  work.move("gated_norm", Family::norm, inner(work), {4 + 2, 1});
  quantize(work, "cast_gated", inner(work));
  work.row_parallel_forward(out_matrix(work));
}

/// The scan keeps only its inputs: states and scores are computed again (Mamba-2's kernels).
void state_space_backward(RankWork& work) {
  work.row_parallel_backward(out_matrix(work));
  work.move("gated_norm_backward", Family::norm, inner(work), {6 + 4, 2});
  scan(work);
  scan_products(work, 2);
  work.move("scan_states_backward", Family::attention, states(work), state_traffic);
  work.move("scan_stream_backward", Family::attention, inner(work), {6 + 4, 2});
  work.move("convolution_backward", Family::activation, convolved(work), {4 + 2, 2});
  quantize(work, "cast_gradient", work.share.tokens * work.share.state_space.projected());
  work.column_parallel_backward(in_matrix(work));
}

}  // namespace plenum::workload
