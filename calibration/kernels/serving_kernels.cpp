// Kernels of serving and of mixture-of-experts models: roofline of the shape times the fitted ratio. README.md has the
// form of each family.
#include <algorithm>
#include <array>
#include <cmath>

#include "calibration/device.hpp"
#include "calibration/kernel_curves.hpp"
#include "calibration/kernels/precision_relatives.hpp"

namespace plenum::calibration {
namespace {

constexpr double micro = 1e-6;

/// What a query asks for, apart from its shape.
struct Asked {
  KernelFamily family{};
  Framework framework{};
  Precision precision{};
  double head_dim = 0;
  double rows_beside = 0;  ///< of experts
};

Rates rates_of(const Device& device, const Asked& asked) {
  const auto& peaks = device.specification.peak;
  const Precision format = computes_in(asked.family, asked.precision, [&](Precision p) { return peaks.count(p) > 0; });
  const double bandwidth = device.curves->memory_fraction * device.specification.memory_bandwidth.value();
  const bool prompts = asked.family == KernelFamily::prefill_attention || asked.family == KernelFamily::mla_prefill;
  const double scale = device.curves->compute_scale * (prompts ? device.curves->attention_scale : 1);
  return {micro * bandwidth, micro * peaks.at(format).value() * scale, device.curves->launch_microseconds};
}

/// The curves that may answer in a number format, nullptr where a framework has none: that of the framework asked for
/// alone when it has one (`any`: the device's own kernel), else the engines'. vLLM ran FlashInfer's CUTLASS kernels
/// where it was timed with none of its own.
using Candidates = std::array<const PreparedRooflineCurve*, 3>;
Candidates candidates(const RooflineCurves& curves, const Asked& asked, Precision precision) {
  const auto of = [&](Framework f) { return curves.find(asked.family, f, precision, asked.head_dim); };
  if (const auto* own = of(asked.framework)) return {own};
  const auto* cutlass = of(Framework::cutlass);
  if (cutlass && asked.framework == Framework::vllm) return {cutlass};
  const Candidates engines{of(Framework::vllm), of(Framework::sglang), of(Framework::tensorrt_llm)};
  return std::ranges::any_of(engines, [](const auto* curve) { return curve; }) ? engines : Candidates{cutlass};
}

/// Rows beside that the kernel computes are rows, and so is what its last tile lacks. Another head dimension or cache
/// format than the curve's is as much work as more or less of what the second size counts: heads of a prompt, cached
/// tokens of decoding.
Sizes on_curve(const PreparedRooflineCurve& curve, const Asked& asked, Sizes sizes) {
  if (asked.rows_beside > 0) sizes[0] += curve.habits.computed * asked.rows_beside / sizes[1];
  if (asked.family == KernelFamily::linear_layer) sizes[0] = rows_with_empty(sizes[0], curve.habits.empty_row);
  if (asked.head_dim > 0) sizes[1] *= asked.head_dim / curve.head_dim;
  if (asked.family == KernelFamily::decode_attention || asked.family == KernelFamily::mla_decode)
    sizes[1] *= bytes_per_element(asked.precision) / curve.element;
  return sizes;
}

struct Answer {
  const PreparedRooflineCurve* curve = nullptr;  ///< nullptr: there is none
  double microseconds = INFINITY;
};

/// The fastest of the curves that may answer.
template <class MakeRoofline>
Answer fastest(const Candidates& candidates, const Asked& asked, Rates rates, const Sizes& sizes,
               const MakeRoofline& roofline) {
  Answer least;
  for (const auto* curve : candidates) {
    if (!curve) continue;
    rates.floor = curve->floor;
    const double time =
        microseconds(*curve, grid_of(asked.family), on_curve(*curve, asked, sizes), roofline(rates, *curve));
    if (time < least.microseconds) least = {curve, time};
  }
  return least;
}

bool inside(KernelFamily family, const Sizes& sizes) {
  const auto& nodes = grid_of(family).nodes;
  for (std::size_t a = 0; a < 3; ++a)
    if (sizes[a] < nodes[a].front() || sizes[a] > nodes[a].back()) return false;
  return true;
}

/// `roofline(rates, curve)` makes the roofline of the shape for a curve.
template <class MakeRoofline>
Estimate estimate(const Device& device, const Asked& asked, const Sizes& sizes, const MakeRoofline& roofline) {
  const KernelCurves& curves = *device.curves;
  const Rates rates = rates_of(device, asked);
  Precision precision = asked.precision == Precision::fp16 ? Precision::bf16 : asked.precision;
  for (;; precision = relative_of(precision)) {
    const Candidates answering = candidates(curves.rooflines, asked, precision);
    const auto [curve, microseconds] = fastest(answering, asked, rates, sizes, roofline);
    if (curve) {
      const bool exact = !curve->inherited && curve->head_dim == asked.head_dim && precision == asked.precision &&
                         inside(asked.family, sizes);
      const bool measured = exact && !curves.inherited;
      return {Seconds(micro * microseconds), measured ? Footing::measured : Footing::inherited};
    }
    if (precision == Precision::bf16) break;
  }
  return {Seconds(micro *
                  roofline(rates,
                           PreparedRooflineCurve{
                               asked.head_dim, rates.floor, {}, bytes_per_element(asked.precision), {}, false})(sizes)),
          Footing::specification};
}

/// Prompt kernels give a block of queries and one head to a multiprocessor and walk all keys there: few new tokens
/// behind a long prefix leave most of the chip idle. 0.57: what such a block reached on RTX 4090 and RTX PRO 6000
/// (measurements/profiles: 16 to 64 tokens behind 16,384).
double few_blocks_seconds(const Device& device, double batch_heads, double new_tokens, double keys, double head_dim) {
  const double block = device.specification.architecture == "ampere" ? 64 : 128;
  const double multiprocessors = double(device.specification.multiprocessors);
  const double waves = std::ceil(batch_heads * std::ceil(new_tokens / block) / multiprocessors);
  const double peak = device.specification.peak.at(Precision::bf16).value() * device.curves->compute_scale;
  return waves * 4 * block * head_dim * keys / (0.57 * peak / multiprocessors);
}

bool any_empty(std::initializer_list<std::int64_t> sizes) { return std::min(sizes) <= 0; }
constexpr Estimate nothing{Seconds(0), Footing::measured};

}  // namespace

Estimate Device::prefill_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads,
                                   std::int64_t new_tokens, std::int64_t cached_tokens, std::int64_t head_dim,
                                   Precision precision, Framework framework) const {
  if (any_empty({batch, heads, kv_heads, new_tokens, head_dim})) return nothing;
  const double cached = double(std::max<std::int64_t>(0, cached_tokens)) / double(new_tokens);
  const double element = bytes_per_element(precision);
  const Sizes sizes{double(new_tokens), double(batch * heads), std::min(1.0, double(kv_heads) / double(heads))};
  Estimate result = estimate(*this, {KernelFamily::prefill_attention, framework, precision, double(head_dim)}, sizes,
                             [&](const Rates& rates, const PreparedRooflineCurve&) {
                               return PrefillRoofline{rates, double(head_dim), element, cached};
                             });
  if (cached == 0) return result;
  const double serial = few_blocks_seconds(*this, double(batch * heads), double(new_tokens),
                                           double(new_tokens + cached_tokens), double(head_dim));
  return {std::max(result.time, Seconds(serial)), weaker(result.footing, Footing::inherited)};
}

Estimate Device::decode_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads,
                                  std::int64_t context_length, std::int64_t head_dim, Precision kv_cache,
                                  Framework framework) const {
  if (any_empty({batch, heads, kv_heads, context_length, head_dim})) return nothing;
  const Sizes sizes{double(batch * kv_heads), double(context_length), std::max(1.0, double(heads) / double(kv_heads))};
  return estimate(*this, {KernelFamily::decode_attention, framework, kv_cache, double(head_dim)}, sizes,
                  [&](const Rates& rates, const PreparedRooflineCurve& curve) {
                    return DecodeRoofline{rates, curve.head_dim, curve.element};
                  });
}

Estimate Device::mla_prefill(const MlaShape& s, Precision precision, Framework framework) const {
  if (any_empty({s.batch, s.heads, s.query_length, s.kv_length})) return nothing;
  const double cached = double(std::max<std::int64_t>(0, s.kv_length - s.query_length)) / double(s.query_length);
  return estimate(
      *this, {KernelFamily::mla_prefill, framework, precision, 0},
      {double(s.query_length), double(s.batch), double(s.heads)},
      [&](const Rates& rates, const PreparedRooflineCurve&) {
        return MlaPrefillRoofline{rates, double(s.nope_head_dim + s.rope_dim), double(s.value_head_dim), cached};
      });
}

Estimate Device::mla_decode(const MlaShape& s, Precision kv_cache, Framework framework) const {
  if (any_empty({s.batch, s.heads, s.query_length, s.kv_length})) return nothing;
  // Several query tokens (speculative ones) share the cache as further heads do.
  return estimate(*this, {KernelFamily::mla_decode, framework, kv_cache, 0},
                  {double(s.batch), double(s.kv_length), double(s.heads * s.query_length)},
                  [&](const Rates& rates, const PreparedRooflineCurve& curve) {
                    return MlaDecodeRoofline{rates, double(s.latent), double(s.rope_dim), curve.element};
                  });
}

Estimate Device::mla_absorption(std::int64_t tokens, std::int64_t heads, std::int64_t inner, std::int64_t outer,
                                Precision precision, Framework framework) const {
  if (any_empty({tokens, heads, inner, outer})) return nothing;
  return estimate(*this, {KernelFamily::mla_absorption, framework, precision, 0},
                  {double(tokens), double(heads), inner < outer ? 1.0 : 2.0},
                  [&](const Rates& rates, const PreparedRooflineCurve&) {
                    return AbsorptionRoofline{rates, double(inner) * double(outer), double(inner + outer),
                                              bytes_per_element(precision)};
                  });
}

Estimate Device::moe(const MoeShape& s, Precision precision, Framework framework) const {
  if (any_empty({s.tokens, s.hidden, s.ffn, s.experts, s.local_experts, s.top_k})) return nothing;
  const ExpertLoad load =
      expert_load(double(s.tokens), double(s.top_k), double(s.experts), double(s.local_experts), s.routing);
  const auto family = s.routing == Routing::balanced ? KernelFamily::moe : KernelFamily::moe_skewed;
  return estimate(*this, {family, framework, precision, 0, load.rows_beside}, expert_sizes(load, double(s.ffn), {}),
                  [&](const Rates& rates, const PreparedRooflineCurve& curve) {
                    return MoeRoofline{rates,
                                       double(s.hidden),
                                       s.gated ? 3.0 : 2.0,
                                       bytes_per_element(precision),
                                       curve.habits.unrouted * load.rows_elsewhere,
                                       curve.habits.expert * load.local_experts,
                                       curve.habits.step};
                  });
}

Estimate Device::linear_layer(std::int64_t m, std::int64_t n, std::int64_t k, Precision precision,
                              Framework framework) const {
  const Asked asked{KernelFamily::linear_layer, framework, precision, 0};
  const Candidates timed = candidates(curves->rooflines, asked, precision);
  const bool any_timed = std::any_of(timed.begin(), timed.end(), [](const auto* curve) { return curve != nullptr; });
  if (any_empty({m, n, k}) || !any_timed) return matrix_product(m, n, k, 1, precision);
  return estimate(*this, asked, {double(m), double(n), double(k)},
                  [&](const Rates& rates, const PreparedRooflineCurve&) {
                    return LinearRoofline{rates, bytes_per_element(precision)};
                  });
}

Estimate Device::grouped_matrix_product(std::int64_t groups, std::int64_t m_per_group, std::int64_t n, std::int64_t k,
                                        Precision precision) const {
  if (any_empty({groups, m_per_group, n, k})) return nothing;
  // As one product of all rows with one B, but every group's B is read.
  const Estimate tall = matrix_product(groups * m_per_group, n, k, 1, precision);
  const double weights = double(groups) * double(n) * double(k) * bytes_per_element(precision);
  const Estimate reading = memory_bound(Bytes(static_cast<std::int64_t>(weights)));
  return {std::max(tall.time, reading.time), Footing::inherited};
}

}  // namespace plenum::calibration
