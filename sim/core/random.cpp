#include "sim/core/random.hpp"

#include <cmath>
#include <numbers>

namespace plenum {

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) : state_(mix(mix(seed) ^ hash_of(name))) {}

std::uint64_t RandomStream::next() {
  const std::uint64_t drawn = mix(state_);
  state_ += 0x9e3779b97f4a7c15ULL;
  return drawn;
}

double RandomStream::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

std::uint64_t RandomStream::below(std::uint64_t limit) {
  const std::uint64_t biased = -limit % limit;  // 2^64 mod limit: the draws below it would favour small results
  for (;;) {
    const std::uint64_t drawn = next();
    if (drawn >= biased) return drawn % limit;
  }
}

/// Box-Muller; always two draws, so that a stream's position does not depend on what was drawn.
double RandomStream::normal(double mean, double deviation) {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return mean + deviation * radius * std::cos(2 * std::numbers::pi * uniform());
}

}  // namespace plenum
