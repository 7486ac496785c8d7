// Random numbers that are the same with every compiler and standard library: one stream per (seed, name), so that
// adding a consumer does not change what another one draws.
#pragma once

#include <cstdint>
#include <string_view>

namespace plenum {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);
  std::uint64_t next();                        ///< 64 uniform bits (splitmix64)
  double uniform();                            ///< in [0, 1)
  std::uint64_t below(std::uint64_t limit);    ///< in [0, limit), limit > 0
  double normal(double mean, double deviation);

 private:
  std::uint64_t state_;
};

/// Mixes 64 bits (the finalizer of splitmix64); for hashes that must not change between releases.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// 64 bits of `text` (FNV-1a, mixed); never changes between releases.
constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(h);
}

}  // namespace plenum
