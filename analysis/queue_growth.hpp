// Does a queue grow for as long as requests come?
#pragma once

#include <algorithm>
#include <cstddef>

namespace plenum::analysis {

/// `seconds(i)`: what the i-th request to come waited. The last third of them waits about as long as the middle third
/// where the rate is sustained; in a queue that grows without bound 5/3 times as long; in a steady one equally long but
/// for chance. A queue shorter than a second is none.
template <class Seconds>
bool queue_grows(std::size_t requests, const Seconds& seconds) {
  const std::size_t third = requests / 3;
  if (third < 20) return false;
  const auto mean = [&](std::size_t from) {
    double sum = 0;
    for (std::size_t i = from; i < from + third; ++i) sum += std::max(0.0, static_cast<double>(seconds(i)));
    return sum / static_cast<double>(third);
  };
  const double middle = mean(third), last = mean(2 * third);
  return last >= 1 && last >= 1.4 * middle;
}

}  // namespace plenum::analysis
