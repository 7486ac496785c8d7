#include "workloads/diffusion/block.hpp"

#include <array>

namespace plenum::workload {
namespace {

constexpr std::int64_t frequencies = 256;  // sinusoids of a time or a guidance

using Matrices = std::vector<BlockMatrix>;

/// What a stream's matrices are called.
struct Stream {
  Rows rows;
  std::array<std::string_view, 3> modulation, qkv, projection, up, down;
};
constexpr std::array<std::string_view, 3> names(std::string_view a, std::string_view b, std::string_view c) {
  return {a, b, c};
}
constexpr Stream patches{Rows::patches,
                         names("modulation", "modulation_input_gradient", "modulation_weight_gradient"),
                         names("qkv", "qkv_input_gradient", "qkv_weight_gradient"),
                         names("projection", "projection_input_gradient", "projection_weight_gradient"),
                         names("mlp_up", "mlp_up_input_gradient", "mlp_up_weight_gradient"),
                         names("mlp_down", "mlp_down_input_gradient", "mlp_down_weight_gradient")};
constexpr Stream text{Rows::text,
                      names("text_modulation", "text_modulation_input_gradient", "text_modulation_weight_gradient"),
                      names("text_qkv", "text_qkv_input_gradient", "text_qkv_weight_gradient"),
                      names("text_projection", "text_projection_input_gradient", "text_projection_weight_gradient"),
                      names("text_mlp_up", "text_mlp_up_input_gradient", "text_mlp_up_weight_gradient"),
                      names("text_mlp_down", "text_mlp_down_input_gradient", "text_mlp_down_weight_gradient")};
constexpr auto cross_query = names("cross_query", "cross_query_input_gradient", "cross_query_weight_gradient");
constexpr auto cross_keys =
    names("cross_keys_values", "cross_keys_values_input_gradient", "cross_keys_values_weight_gradient");
constexpr auto cross_projection =
    names("cross_projection", "cross_projection_input_gradient", "cross_projection_weight_gradient");
constexpr auto embedding = names("embedding", "embedding_input_gradient", "embedding_weight_gradient");
constexpr auto head = names("head", "head_input_gradient", "head_weight_gradient");

void add(Matrices& to, const std::array<std::string_view, 3>& name, std::int64_t in, std::int64_t out, Rows rows,
         Split split) {
  to.push_back({.name = name[0],
                .input_gradient = name[1],
                .weight_gradient = name[2],
                .in = in,
                .out = out,
                .rows = rows,
                .split = split});
}

/// From a modulated norm, over columns.
void add_normalized(Matrices& to, const std::array<std::string_view, 3>& name, std::int64_t in, std::int64_t out,
                    Rows rows) {
  add(to, name, in, out, rows, Split::columns);
  to.back().normalized = true;
}

/// Back into the stream, over rows.
void add_activated(Matrices& to, const std::array<std::string_view, 3>& name, std::int64_t in, std::int64_t out,
                   Rows rows, std::int64_t activated) {
  add(to, name, in, out, rows, Split::rows);
  to.back().activated = activated;
}

/// Shift, scale and gate for attention and for the MLP: six vectors.
void modulation(Matrices& to, const Transformer& m, const Stream& s, std::int64_t vectors) {
  if (!m.diffusion->shared_modulation) add(to, s.modulation, m.hidden, vectors * m.hidden, Rows::sample, Split::whole);
}

void qkv(Matrices& to, const Transformer& m, const Stream& s) {
  add_normalized(to, s.qkv, m.hidden, 3 * m.heads * m.head_dim, s.rows);
}

void after_attention(Matrices& to, const Transformer& m, const Stream& s) {
  add(to, s.projection, m.heads * m.head_dim, m.hidden, s.rows, Split::rows);
}

void mlp(Matrices& to, const Transformer& m, const Stream& s) {
  add_normalized(to, s.up, m.hidden, m.ffn, s.rows);
  add_activated(to, s.down, m.ffn, m.hidden, s.rows, m.ffn);
}

void cross_attention(Matrices& to, const Transformer& m) {
  const std::int64_t queries = m.heads * m.head_dim;
  add_normalized(to, cross_query, m.hidden, queries, Rows::patches);
  add(to, cross_keys, m.hidden, 2 * queries, Rows::text, Split::columns);
  add(to, cross_projection, queries, m.hidden, Rows::patches, Split::rows);
}

bool crosses(const Transformer& m) { return m.diffusion->crosses(); }

Matrices single_stream(const Transformer& m) {
  const std::int64_t queries = m.heads * m.head_dim;
  Matrices list;
  modulation(list, m, patches, 3);
  add_normalized(list, patches.qkv, m.hidden, 3 * queries + m.ffn, Rows::both);
  add_activated(list, patches.projection, queries + m.ffn, m.hidden, Rows::both, m.ffn);
  return list;
}

Matrices one_stream(const Transformer& m) {
  Matrices list;
  modulation(list, m, patches, 6);
  qkv(list, m, patches);
  after_attention(list, m, patches);
  if (crosses(m)) cross_attention(list, m);
  mlp(list, m, patches);
  return list;
}

Matrices two_streams(const Transformer& m, bool text_goes_on) {
  Matrices list;
  modulation(list, m, patches, 6);
  modulation(list, m, text, text_goes_on ? 6 : 2);
  for (const Stream* stream : {&patches, &text}) qkv(list, m, *stream);
  for (const Stream* stream : {&patches, &text}) {
    if (stream == &text && !text_goes_on) continue;
    after_attention(list, m, *stream);
    mlp(list, m, *stream);
  }
  return list;
}

/// Two layers, as for a time, a guidance, or a pooled text.
void embed_vector(Matrices& to, const Transformer& m, std::int64_t width) {
  add(to, embedding, width, m.hidden, Rows::sample, Split::whole);
  add(to, embedding, m.hidden, m.hidden, Rows::sample, Split::whole);
}

/// HunyuanVideo's: layers of self-attention among the text's tokens, modulated by the time and the text's mean.
void refine(Matrices& to, const Transformer& m) {
  embed_vector(to, m, frequencies);
  embed_vector(to, m, m.diffusion->text_width);
  for (std::int64_t layer = 0; layer < m.diffusion->refiner_layers; ++layer) {
    add(to, text.modulation, m.hidden, 2 * m.hidden, Rows::sample, Split::whole);
    add(to, text.qkv, m.hidden, 3 * m.hidden, Rows::text, Split::whole);
    add(to, text.projection, m.hidden, m.hidden, Rows::text, Split::whole);
    add(to, text.up, m.hidden, 4 * m.hidden, Rows::text, Split::whole);
    add(to, text.down, 4 * m.hidden, m.hidden, Rows::text, Split::whole);
  }
}

void embed_text(Matrices& to, const Transformer& m) {
  const Diffusion& d = *m.diffusion;
  if (d.conditioning == Conditioning::classes) return;
  add(to, embedding, d.text_width, m.hidden, Rows::text, Split::whole);
  if (crosses(m)) add(to, embedding, m.hidden, m.hidden, Rows::text, Split::whole);
  if (d.refiner_layers > 0) refine(to, m);
  if (d.pooled_width > 0) embed_vector(to, m, d.pooled_width);
}

std::int64_t parameters_of(const Matrices& list) {
  std::int64_t sum = 0;
  for (const BlockMatrix& matrix : list) sum += matrix.parameters();
  return sum;
}

double products(const Transformer& m, const Matrices& list) {
  double flops = 0;
  for (const BlockMatrix& matrix : list)
    flops +=
        2.0 * static_cast<double>(matrix.in * matrix.out) * static_cast<double>(rows_of(*m.diffusion, matrix.rows));
  return flops;
}

}  // namespace

std::vector<BlockMatrix> block_matrices(const Transformer& m, Mixer mixer) {
  if (mixer == Mixer::single_stream) return single_stream(m);
  if (mixer == Mixer::denoising) return one_stream(m);
  return two_streams(m, mixer == Mixer::double_stream);
}

std::int64_t block_vectors(const Transformer& m, Mixer mixer) {
  const Diffusion& d = *m.diffusion;
  const std::int64_t norm = !m.qk_norm ? 0 : 2 * (d.norm_across_heads ? m.heads * m.head_dim : m.head_dim);
  if (mixer == Mixer::single_stream) return norm;
  if (mixer != Mixer::denoising) return 2 * norm;
  const std::int64_t cross = crosses(m) ? norm + 2 * m.hidden : 0;
  return norm + cross + (d.shared_modulation ? 6 * m.hidden : 0);
}

std::vector<BlockMatrix> input_matrices(const Transformer& m) {
  const Diffusion& d = *m.diffusion;
  Matrices list;
  add(list, embedding, d.patch_in(), m.hidden, Rows::patches, Split::whole);
  embed_vector(list, m, frequencies);
  if (d.guidance_embedded) embed_vector(list, m, frequencies);
  embed_text(list, m);
  if (d.shared_modulation) add(list, patches.modulation, m.hidden, 6 * m.hidden, Rows::sample, Split::whole);
  return list;
}

std::vector<BlockMatrix> output_matrices(const Transformer& m) {
  Matrices list;
  if (!m.diffusion->shared_modulation)
    add(list, patches.modulation, m.hidden, 2 * m.hidden, Rows::sample, Split::whole);
  add(list, head, m.hidden, m.diffusion->patch_out(), Rows::patches, Split::whole);
  return list;
}

std::int64_t input_parameters(const Transformer& m) {
  const Diffusion& d = *m.diffusion;
  const std::int64_t norms_of_refiner = d.refiner_layers * 4 * m.hidden;
  return parameters_of(input_matrices(m)) + d.classes * m.hidden + norms_of_refiner;
}

std::int64_t output_parameters(const Transformer& m) {
  return parameters_of(output_matrices(m)) + (m.diffusion->shared_modulation ? 2 * m.hidden : 0);
}

std::int64_t rows_of(const Diffusion& d, Rows rows) {
  switch (rows) {
    case Rows::sample:
      return 1;
    case Rows::text:
      return d.text_tokens;
    case Rows::both:
      return d.sequence();
    default:
      return d.visual_tokens();
  }
}

double forward_flops(const Transformer& m, Mixer mixer) {
  const Diffusion& d = *m.diffusion;
  const auto width = static_cast<double>(4 * m.heads * m.head_dim), length = static_cast<double>(d.sequence());
  double keys = length;
  if (mixer == Mixer::denoising && crosses(m)) keys += static_cast<double>(d.text_tokens);
  return products(m, block_matrices(m, mixer)) + width * length * keys;
}

double forward_flops(const Transformer& m) {
  double flops = products(m, input_matrices(m)) + products(m, output_matrices(m));
  for (const auto& [kind, count] : m.layer_counts()) flops += static_cast<double>(count) * forward_flops(m, kind.mixer);
  const Diffusion& d = *m.diffusion;
  const auto text_tokens = static_cast<double>(d.text_tokens);
  return flops + static_cast<double>(d.refiner_layers * 4 * m.hidden) * text_tokens * text_tokens;
}

}  // namespace plenum::workload
