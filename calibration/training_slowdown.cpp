#include "calibration/training_slowdown.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace plenum::calibration {
namespace {

/// Tensor cores draw more than any board of the generation gets, so the power limit sets their clocks: near the lowest
/// voltage power grows in proportion to the clock, and what is left after memory and leakage is what counts. FP4's
/// kernels are held back by other things.
constexpr double reference_power = 1200;  // of GB200, W

/// Beyond what the devices' own scaling (exponent 0.38) holds. Products of 16 bits feel the limit most; attention waits
/// for its exponentials as well.
struct PowerLaw {
  double at_reference, exponent;
};
constexpr PowerLaw wide{1.11, 1.5}, narrow{1.09, 0.57}, attention{1.11, 0.57};

double slowdown(const PowerLaw& law, const Device& device) {
  return std::max(1.0, law.at_reference * std::pow(reference_power / device.specification.power.value(), law.exponent));
}

double blackwell(const Device& device, double bytes) {
  return bytes < 1 ? 1.50 : slowdown(bytes > 1 ? wide : narrow, device);
}

double of_short_bursts(const Device& device, Precision precision) {
  const auto& architecture = device.specification.architecture;
  const double bytes = bytes_per_element(precision);
  if (architecture == "hopper") return bytes > 1 ? 1.14 : 1.27;
  return architecture == "blackwell" ? blackwell(device, bytes) : 1;
}

/// Medians of eight products on an H200's 132 multiprocessors; at 24, where it was 1.213, what 16 cost.
struct Held {
  double multiprocessors, slowdown;
};
constexpr std::array<Held, 7> hopper{
    {{0, 1}, {2, 1.085}, {4, 1.117}, {8, 1.126}, {16, 1.219}, {24, 1.219}, {32, 1.339}}};

double measured_on_hopper(double held) {
  const auto above = std::ranges::upper_bound(hopper, held, {}, &Held::multiprocessors);
  if (above == hopper.end()) return hopper.back().slowdown;
  const Held &high = *above, &low = *(above - 1);
  return std::lerp(low.slowdown, high.slowdown,
                   (held - low.multiprocessors) / (high.multiprocessors - low.multiprocessors));
}

}  // namespace

double training_slowdown(const Device& device, Precision precision) {
  return device.timed_under_load() ? 1 : of_short_bursts(device, precision);
}

double attention_slowdown(const Device& device, Precision precision) {
  if (device.attention_timed_under_load()) return 1;
  const bool blackwell = device.specification.architecture == "blackwell";
  return blackwell ? slowdown(attention, device) : of_short_bursts(device, precision);
}

HeldMultiprocessors::HeldMultiprocessors(const Device& device)
    : count_(std::max(1.0, static_cast<double>(device.specification.multiprocessors))),
      as_on_hopper_(device.specification.architecture == "hopper") {}

double HeldMultiprocessors::slowdown(double held) const {
  constexpr double most = 2;
  held = std::max(0.0, held);  // sums of what comes and goes leave rounding errors
  const double share = held < count_ ? 1 / (1 - held / count_) : most;
  return std::min(most, as_on_hopper_ ? std::max(share, measured_on_hopper(held)) : share);
}

}  // namespace plenum::calibration
