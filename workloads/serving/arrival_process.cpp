#include "workloads/serving/arrival_process.hpp"

#include <cmath>
#include <numbers>

#include "workloads/serving/gamma.hpp"

namespace plenum::workload {

ArrivalProcess::ArrivalProcess(const RequestSpecification& specification, std::uint64_t seed)
    : specification_(specification), random_(seed, "arrivals") {}

Seconds ArrivalProcess::next() {
  if (specification_.per_second > 0) time_ += gap();
  return Seconds(time_);
}

double ArrivalProcess::gap() {
  const double mean = 1 / specification_.per_second, variation = specification_.coefficient_of_variation;
  switch (specification_.arrivals) {
    case ArrivalKind::poisson:
      return -mean * std::log1p(-random_.uniform());
    case ArrivalKind::gamma:
      return draw_gamma(1 / (variation * variation), random_) * mean * variation * variation;
    case ArrivalKind::constant:
      return mean;
    case ArrivalKind::on_off:
      return on_off();
    case ArrivalKind::diurnal:
      return diurnal();
    default:
      return 0;
  }
}

/// Poisson while on, nobody while off; the clock of the on-time is stretched to leave out what is off.
double ArrivalProcess::on_off() {
  const double period = specification_.period.value(), on = period * specification_.on_share;
  const double cycle = std::floor(time_ / period), within = std::min(time_ - cycle * period, on);
  const double gap = -specification_.on_share / specification_.per_second * std::log1p(-random_.uniform());
  const double busy = cycle * on + within + gap, cycles = std::floor(busy / on);
  return cycles * period + (busy - cycles * on) - time_;
}

/// A sinusoid, by thinning (Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", Naval
/// Research Logistics Quarterly 26 (1979)). Starts at the mean, upwards.
double ArrivalProcess::diurnal() {
  const double swing = specification_.swing, most = specification_.per_second * (1 + swing);
  double at = time_;
  for (;;) {
    at -= std::log1p(-random_.uniform()) / most;
    const double phase = 2 * std::numbers::pi * at / specification_.period.value();
    if (random_.uniform() * (1 + swing) <= 1 + swing * std::sin(phase)) return at - time_;
  }
}

}  // namespace plenum::workload
