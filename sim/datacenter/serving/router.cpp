#include "sim/datacenter/serving/router.hpp"

#include <algorithm>

#include "sim/core/random.hpp"

namespace plenum::datacenter {
namespace {

class RoundRobin final : public Router {
 public:
  Replica& choose(const Replicas& replicas) override { return *replicas[next_++ % replicas.size()]; }

 private:
  std::size_t next_ = 0;
};

class LeastLoaded final : public Router {
 public:
  Replica& choose(const Replicas& replicas) override {
    return **std::ranges::min_element(replicas, {}, [](const auto& replica) { return replica->tokens_ahead(); });
  }
};

/// Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12 (2001).
class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed, "router") {}
  Replica& choose(const Replicas& replicas) override {
    Replica &one = *replicas[random_.below(replicas.size())], &other = *replicas[random_.below(replicas.size())];
    return one.tokens_ahead() <= other.tokens_ahead() ? one : other;
  }

 private:
  RandomStream random_;
};

}  // namespace

std::unique_ptr<Router> make_router(scenario::RouterKind kind, std::uint64_t seed) {
  if (kind == scenario::RouterKind::round_robin) return std::make_unique<RoundRobin>();
  if (kind == scenario::RouterKind::power_of_two) return std::make_unique<PowerOfTwo>(seed);
  return std::make_unique<LeastLoaded>();
}

}  // namespace plenum::datacenter
