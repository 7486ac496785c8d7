#include "sim/datacenter/implied_limits.hpp"

#include <algorithm>
#include <compare>
#include <functional>
#include <limits>
#include <numeric>

namespace plenum::datacenter {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Another channel of a flow, seen from one of its channels.
enum class Side : std::uint8_t { previous, first, next, last };

/// Where a flow uses a channel: routes.channels[place].
struct Incidence {
  std::uint32_t flow, place;
};

/// A channel beside the one looked at, and how often a flow uses the latter while it uses this one.
struct Other {
  std::uint32_t channel, times;
  auto operator<=>(const Other&) const = default;
};

class Limits {
 public:
  Limits(const Routes& routes, const std::vector<double>& capacity)
      : routes_(routes), capacity_(capacity), first_(capacity.size() + 1), incidences_(routes.channels.size()) {
    for (const auto channel : routes.channels) ++first_[channel];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    for (auto flow = static_cast<std::uint32_t>(routes.flows()); flow-- > 0;) {
      for (auto place = routes.first[flow + 1]; place-- > routes.first[flow];) {
        incidences_[--first_[routes.channels[place]]] = {flow, place};
      }
    }
  }

  /// At most this much can pass through the channel, as far as the others on that side of it know.
  /// A flow that uses the channel several times counts as often.
  double bound(std::uint32_t channel, Side side) {
    others_.clear();
    for (auto i = first_[channel]; i < first_[channel + 1];) {
      const auto begin = i, flow = incidences_[i].flow;
      while (i < first_[channel + 1] && incidences_[i].flow == flow) ++i;
      const auto place = incidences_[side == Side::next || side == Side::last ? i - 1 : begin].place;
      const auto other = look(flow, place, side);
      if (routes_.channels[other] == channel) return infinite;
      const Other seen{routes_.channels[other], i - begin};
      if (others_.empty() || others_.back() != seen) others_.push_back(seen);
    }
    std::ranges::sort(others_, std::greater());
    double sum = 0;
    for (std::size_t i = 0; i < others_.size(); ++i)
      if (i == 0 || others_[i].channel != others_[i - 1].channel)
        sum += capacity_[others_[i].channel] * others_[i].times;
    return sum;
  }

 private:
  /// The place on that side; `place` itself when there is none.
  std::uint32_t look(std::uint32_t flow, std::uint32_t place, Side side) const {
    const auto first = routes_.first[flow], last = routes_.first[flow + 1] - 1;
    switch (side) {
      case Side::previous:
        return place == first ? place : place - 1;
      case Side::first:
        return first;
      case Side::next:
        return place == last ? place : place + 1;
      default:
        return last;
    }
  }

  const Routes& routes_;
  const std::vector<double>& capacity_;
  std::vector<std::uint32_t> first_;  ///< of each channel's incidences
  std::vector<Incidence> incidences_;
  std::vector<Other> others_;
};

Routes without(const Routes& routes, const std::vector<bool>& implied) {
  Routes rest;
  rest.first.reserve(routes.first.size());
  rest.channels.reserve(routes.channels.size());
  for (std::size_t flow = 0; flow < routes.flows(); ++flow) {
    for (const auto channel : routes.of(flow)) {
      if (!implied[channel]) rest.channels.push_back(channel);
    }
    rest.first.push_back(static_cast<std::uint32_t>(rest.channels.size()));
  }
  return rest;
}

/// Drops channels that can't be reached from `sides` at their `margin`. False when there was none.
bool drop(Routes& routes, const std::vector<double>& capacity, std::initializer_list<Side> sides, double margin) {
  Limits limits(routes, capacity);
  std::vector<bool> implied(capacity.size());
  for (std::uint32_t channel = 0; channel < capacity.size(); ++channel) {
    implied[channel] = std::ranges::any_of(
        sides, [&](Side side) { return limits.bound(channel, side) <= capacity[channel] * margin; });
  }
  const auto before = routes.channels.size();
  routes = without(routes, implied);
  return routes.channels.size() < before;
}

}  // namespace

/// First those that stand behind strictly narrower ones, whose own limits may be implied only by still narrower ones.
/// Then equals, where upstream stands for downstream: seen from one side only, nobody can be implied by itself.
Routes without_implied_limits(Routes routes, const std::vector<double>& capacity) {
  constexpr double rounding = 1e-12;
  while (drop(routes, capacity, {Side::previous, Side::first, Side::next, Side::last}, 1 - rounding)) continue;
  drop(routes, capacity, {Side::previous, Side::first}, 1 + rounding);
  drop(routes, capacity, {Side::next, Side::last}, 1 + rounding);
  return routes;
}

}  // namespace plenum::datacenter
