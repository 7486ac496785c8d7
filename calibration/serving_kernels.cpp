// Kernels of serving and of mixture-of-experts models, from rooflines: launch, bytes over the measured bandwidth, flops
// over what the matrix units reach.
#include <algorithm>
#include <cmath>

#include "calibration/device.hpp"
#include "calibration/kernel_curves.hpp"

namespace plenum::calibration {
namespace {

constexpr double micro = 1e-6;

double peak_of(const Specification& specification, Precision p) {
  const auto found = specification.peak.find(p);
  return found == specification.peak.end() ? specification.peak.at(Precision::bf16).value() : found->second.value();
}

/// Decoding attention computes in bf16 whatever the cache's format; small tiles reach about half of the peak.
Estimate attention_over_cache(const Device& device, double flops, double bytes) {
  const double compute = flops / (0.5 * peak_of(device.specification, Precision::bf16));
  const double memory = bytes / (device.curves->memory_fraction * device.specification.memory_bandwidth.value());
  return {Seconds(device.curves->launch_microseconds * micro + std::max(compute, memory)), Footing::specification};
}

}  // namespace

Estimate Device::prefill_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads,
                                   std::int64_t new_tokens, std::int64_t cached_tokens, std::int64_t head_dim,
                                   Precision precision, Framework) const {
  if (std::min({batch, heads, kv_heads, new_tokens, head_dim}) <= 0) return {Seconds(0), Footing::measured};
  // The scores that are computed, as a causal square of its own.
  const double scores = double(new_tokens) * (double(cached_tokens) + 0.5 * double(new_tokens));
  const auto length = static_cast<std::int64_t>(std::llround(std::sqrt(2 * scores)));
  return attention(batch, heads, kv_heads, length, length, head_dim, true, false, precision);
}

Estimate Device::decode_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads,
                                  std::int64_t context_length, std::int64_t head_dim, Precision kv_cache,
                                  Framework) const {
  if (std::min({batch, heads, kv_heads, context_length, head_dim}) <= 0) return {Seconds(0), Footing::measured};
  const double cells = double(batch) * double(context_length) * double(head_dim);
  return attention_over_cache(*this, 4 * double(heads) * cells,
                              2 * double(kv_heads) * cells * bytes_per_element(kv_cache));
}

Estimate Device::mla_prefill(const MlaShape& s, Precision precision, Framework framework) const {
  if (std::min({s.batch, s.heads, s.query_length, s.kv_length}) <= 0) return {Seconds(0), Footing::measured};
  // Keys are wider than values: the same flops as equal ones of the mean width.
  const auto width = (s.nope_head_dim + s.rope_dim + s.value_head_dim) / 2;
  const auto cached = std::max<std::int64_t>(0, s.kv_length - s.query_length);
  return prefill_attention(s.batch, s.heads, s.heads, s.query_length, cached, width, precision, framework);
}

Estimate Device::mla_decode(const MlaShape& s, Precision kv_cache, Framework) const {
  if (std::min({s.batch, s.heads, s.query_length, s.kv_length}) <= 0) return {Seconds(0), Footing::measured};
  const double cells = double(s.batch) * double(s.kv_length);
  const double flops = 2 * double(s.heads * s.query_length) * cells * double(2 * s.latent + s.rope_dim);
  return attention_over_cache(*this, flops, cells * double(s.latent + s.rope_dim) * bytes_per_element(kv_cache));
}

Estimate Device::mla_absorption(std::int64_t tokens, std::int64_t heads, std::int64_t inner, std::int64_t outer,
                                Precision precision, Framework) const {
  return grouped_matrix_product(heads, tokens, outer, inner, precision);
}

Estimate Device::grouped_matrix_product(std::int64_t groups, std::int64_t m_per_group, std::int64_t n, std::int64_t k,
                                        Precision precision) const {
  if (std::min({groups, m_per_group, n, k}) <= 0) return {Seconds(0), Footing::measured};
  // As one product of all rows with one B, but every group's B is read.
  const Estimate tall = matrix_product(groups * m_per_group, n, k, 1, precision);
  const double weights = double(groups) * double(n) * double(k) * bytes_per_element(precision);
  const Estimate reading = memory_bound(Bytes(static_cast<std::int64_t>(weights)));
  return {std::max(tall.time, reading.time), Footing::inherited};
}

Estimate Device::moe(const MoeShape& s, Precision precision, Framework) const {
  if (std::min({s.tokens, s.hidden, s.ffn, s.experts, s.local_experts, s.top_k}) <= 0)
    return {Seconds(0), Footing::measured};
  const double rows = double(s.tokens) * double(s.top_k) * double(s.local_experts) / double(s.experts);
  // Experts that at least one token chose, when every choice is as likely as any other.
  const double untouched = std::pow(1 - double(s.top_k) / double(s.experts), double(s.tokens));
  const auto active = std::max<std::int64_t>(1, std::llround(double(s.local_experts) * (1 - untouched)));
  const auto rows_each = std::max<std::int64_t>(1, std::llround(rows / double(active)));
  const Estimate in = grouped_matrix_product(active, rows_each, s.ffn * (s.gated ? 2 : 1), s.hidden, precision);
  const Estimate out = grouped_matrix_product(active, rows_each, s.hidden, s.ffn, precision);
  // Permuted rows are written and read, the activation once more, and the sum read back.
  const double moved = 2 * rows * (4 * double(s.hidden) + 3 * double(s.ffn));
  const Estimate permutation = memory_bound(Bytes(static_cast<std::int64_t>(moved)));
  return {in.time + out.time + permutation.time, Footing::inherited};
}

}  // namespace plenum::calibration
