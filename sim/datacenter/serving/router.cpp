#include "sim/datacenter/serving/router.hpp"

#include <algorithm>
#include <unordered_map>

#include "sim/core/random.hpp"

namespace plenum::datacenter {
namespace {

class RoundRobin final : public Router {
 public:
  std::size_t choose(Choice among, const workload::Request&) override { return next_++ % among.tokens_ahead.size(); }

 private:
  std::size_t next_ = 0;
};

std::size_t least_loaded(Choice among) {
  return static_cast<std::size_t>(std::ranges::min_element(among.tokens_ahead) - among.tokens_ahead.begin());
}

class LeastLoaded final : public Router {
 public:
  std::size_t choose(Choice among, const workload::Request&) override { return least_loaded(among); }
};

/// Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12 (2001).
class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(std::uint64_t seed) : random_(seed, "router") {}
  std::size_t choose(Choice among, const workload::Request&) override {
    const auto& ahead = among.tokens_ahead;
    const std::size_t one = random_.below(ahead.size()), other = random_.below(ahead.size());
    return ahead[one] <= ahead[other] ? one : other;
  }

 private:
  RandomStream random_;
};

class PrefixAware final : public Router {
 public:
  std::size_t choose(Choice among, const workload::Request& request) override {
    if (!request.prefix) return least_loaded(among);
    const auto until_read = [&](const auto& replica) { return replica->tokens_until_read(request); };
    return static_cast<std::size_t>(std::ranges::min_element(among.replicas, {}, until_read) - among.replicas.begin());
  }
};

/// A session whose replica takes no requests any more finds a new one.
class SessionAffine final : public Router {
 public:
  std::size_t choose(Choice among, const workload::Request& request) override {
    if (request.session == 0) return least_loaded(among);
    const auto known = homes_.find(request.session);
    const bool stays = known != homes_.end() && known->second < among.replicas.size();
    const std::size_t home = stays ? known->second : least_loaded(among);
    if (request.then || request.more)
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
