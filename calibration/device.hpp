// A GPU: its specification with sources, and the curves that tell how long kernels take on it. One JSON file per device
// (calibration/devices/NAME.json), written by `plenum calibrate fit` from recorded measurements.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/kernels/kernel_shapes.hpp"
#include "sim/core/issue.hpp"
#include "sim/core/memory_kernel.hpp"
#include "sim/core/precision.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::calibration {

/// On what a number stands, weakest last.
enum class Footing : std::uint8_t { measured, inherited, specification };
std::string_view name_of(Footing);
constexpr Footing weaker(Footing a, Footing b) { return a > b ? a : b; }

struct Specification {
  std::string architecture;                  ///< "ampere", "hopper", "blackwell"
  std::map<Precision, FlopsPerSecond> peak;  ///< dense
  Bytes memory{};                            ///< usable
  BytesPerSecond memory_bandwidth{};
  std::int64_t multiprocessors = 0;
  Watts power{};  ///< board limit
  Watts idle_power{};
  double host_slowdown = 1;  ///< time of one thread of the hosts it comes with / of the x86 hosts of the host times
};

struct Estimate {
  Seconds time{};
  Footing footing = Footing::specification;
};

/// The power limit holds for the mean of work, of which memory-bound kernels draw less than products.
struct OperatingPoint {
  double relief = 1;  ///< products run so much faster than timed under load; attention keeps the time it had alone
  double clock = 1;   ///< of the multiprocessors / the one that memory-bound kernels had when they were timed
};

/// Efficiency surfaces; opaque here, see kernel_model.cpp and calibration/README.md for the form of each.
struct KernelCurves;

class Device {
 public:
  Device();
  Device(Device&&) noexcept;
  Device& operator=(Device&&) noexcept;
  ~Device();

  std::string name;
  std::string inherits;  ///< measured relative whose curves are used, scaled by the specifications; empty: none
  Specification specification;

  /// C[m,n] = A[m,k] B[k,n], `batch` times. Tile and wave quantization included; launch included.
  Estimate matrix_product(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch, Precision) const;
  /// Fused attention of training, forward or backward; flops = 4 b h sq skv d (half when causal), backward 2.5 x.
  /// Causal with unequal lengths is a context-parallel rank's balanced share, not a prompt with a prefix: see
  /// prefill_attention.
  Estimate attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t query_length,
                     std::int64_t kv_length, std::int64_t head_dim, bool causal, bool backward, Precision) const;
  /// Causal attention of `new_tokens` per sequence over themselves and `cached_tokens` before them.
  Estimate prefill_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t new_tokens,
                             std::int64_t cached_tokens, std::int64_t head_dim, Precision,
                             Framework = Framework::any) const;
  /// One query token per sequence over a paged cache of `context_length` tokens, its own included.
  Estimate decode_attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t context_length,
                            std::int64_t head_dim, Precision kv_cache, Framework = Framework::any) const;
  /// Latent attention over decompressed keys and values, causal; the decompression is a matrix product of its own.
  Estimate mla_prefill(const MlaShape&, Precision, Framework = Framework::any) const;
  /// Latent attention on the compressed cache (absorbed projections: mla_absorption).
  Estimate mla_decode(const MlaShape&, Precision kv_cache, Framework = Framework::any) const;
  /// One of the two batched products around mla_decode: per head (tokens x inner) with (inner x outer). Before it inner
  /// is nope_head_dim and outer the latent rank, after it inner the latent rank and outer value_head_dim.
  Estimate mla_absorption(std::int64_t tokens, std::int64_t heads, std::int64_t inner, std::int64_t outer, Precision,
                          Framework = Framework::any) const;
  /// A linear layer as serving frameworks run it: matrix_product plus, in quantized formats, the cast of the
  /// activations.
  Estimate linear_layer(std::int64_t m, std::int64_t n, std::int64_t k, Precision, Framework = Framework::any) const;
  /// Routed experts, see MoeShape; the router itself and the shared expert are products of their own.
  Estimate moe(const MoeShape&, Precision, Framework = Framework::any) const;
  /// Experts in training: `groups` products of (m_per_group x k) with (k x n), each group with a B of its own.
  Estimate grouped_matrix_product(std::int64_t groups, std::int64_t m_per_group, std::int64_t n, std::int64_t k,
                                  Precision) const;
  /// A kernel that reads and writes `bytes` of device memory, at the rate of its kind where that was measured. Fused:
  /// in one kernel, else in PyTorch's eager ones, whose bytes together these are. `clock`: see OperatingPoint; kernels
  /// that don't reach a copy's rate wait for the multiprocessors.
  Estimate memory_bound(Bytes bytes, MemoryKernel = MemoryKernel::stream, bool fused = true, double clock = 1) const;
  /// Sustained training runs at lower clocks than a kernel measured alone (power limit): factor >= 1 on compute time.
  double sustained_slowdown(Precision) const;
  /// Products were timed at that clock already, so that sustained work takes no longer.
  bool timed_under_load() const;
  bool attention_timed_under_load() const;  ///< the same of attention
  /// Where products and attention are `share` of the time of some hundred milliseconds. {} unless power was measured.
  OperatingPoint operating_point(double share) const;

  std::unique_ptr<KernelCurves> curves;
};

std::vector<std::string> device_names();
/// By name or alias ("H100", "H100-SXM", "A100-80GB"); an issue with a suggestion when unknown.
std::optional<Device> load_device(const std::string& name, const Position& where, const std::string& pointer, Issues&);

}  // namespace plenum::calibration
