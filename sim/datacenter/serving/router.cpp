#include "sim/datacenter/serving/router.hpp"

#include <algorithm>
#include <unordered_map>

#include "sim/core/random.hpp"

namespace plenum::datacenter {
namespace {

class RoundRobin final : public Router {
 public:
  std::size_t choose(Choice replicas, const workload::Request&) override { return next_++ % replicas.size(); }

 private:
  std::size_t next_ = 0;
};

template <class Load>
std::size_t least(Choice replicas, const Load& load) {
  const auto found = std::ranges::min_element(replicas, {}, [&](const auto& replica) { return load(*replica); });
  return static_cast<std::size_t>(found - replicas.begin());
}

std::size_t least_loaded(Choice replicas) {
  return least(replicas, [](const Replica& replica) { return replica.tokens_ahead(); });
}

class LeastLoaded final : public Router {
 public:
  std::size_t choose(Choice replicas, const workload::Request&) override { return least_loaded(replicas); }
};

/// Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12 (2001).
class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed, "router") {}
  std::size_t choose(Choice replicas, const workload::Request&) override {
    const std::size_t one = random_.below(replicas.size()), other = random_.below(replicas.size());
    return replicas[one]->tokens_ahead() <= replicas[other]->tokens_ahead() ? one : other;
  }

 private:
  RandomStream random_;
};

class PrefixAware final : public Router {
 public:
  std::size_t choose(Choice replicas, const workload::Request& request) override {
    return least(replicas, [&](const Replica& replica) { return replica.tokens_until_read(request); });
  }
};

/// A session whose replica takes no requests any more finds a new one.
class SessionAffine final : public Router {
 public:
  std::size_t choose(Choice replicas, const workload::Request& request) override {
    if (request.session == 0) return least_loaded(replicas);
    const auto known = homes_.find(request.session);
    const bool stays = known != homes_.end() && known->second < replicas.size();
    const std::size_t home = stays ? known->second : least_loaded(replicas);
    if (request.then)
      homes_[request.session] = home;
    else
      homes_.erase(request.session);
    return home;
  }

 private:
  std::unordered_map<std::uint64_t, std::size_t> homes_;  ///< of sessions that go on
};

}  // namespace

std::unique_ptr<Router> make_router(scenario::RouterKind kind, std::uint64_t seed) {
  switch (kind) {
    case scenario::RouterKind::round_robin:
      return std::make_unique<RoundRobin>();
    case scenario::RouterKind::power_of_two:
      return std::make_unique<PowerOfTwo>(seed);
    case scenario::RouterKind::prefix_aware:
      return std::make_unique<PrefixAware>();
    case scenario::RouterKind::session_affine:
      return std::make_unique<SessionAffine>();
    default:
      return std::make_unique<LeastLoaded>();
  }
}

}  // namespace plenum::datacenter
