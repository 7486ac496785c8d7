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

#include "sim/core/issue.hpp"
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
};

struct Estimate {
  Seconds time{};
  Footing footing = Footing::specification;
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
  /// Fused attention, forward or backward; flops = 4 b h sq skv d (half when causal), backward 2.5 x.
  Estimate attention(std::int64_t batch, std::int64_t heads, std::int64_t kv_heads, std::int64_t query_length,
                     std::int64_t kv_length, std::int64_t head_dim, bool causal, bool backward, Precision) const;
  /// A kernel that reads and writes `bytes` of device memory.
  Estimate memory_bound(Bytes bytes) const;
  /// Sustained training runs at lower clocks than a kernel measured alone (power limit): factor >= 1 on compute time.
  double sustained_slowdown(Precision) const;

  std::unique_ptr<KernelCurves> curves;
};

std::vector<std::string> device_names();
/// By name or alias ("H100", "H100-SXM", "A100-80GB"); an issue with a suggestion when unknown.
std::optional<Device> load_device(const std::string& name, const Position& where, const std::string& pointer, Issues&);

}  // namespace plenum::calibration
