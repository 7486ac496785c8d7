#include "sim/datacenter/lone_exchange.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>

#include "sim/datacenter/way.hpp"

namespace plenum::datacenter {
namespace {

constexpr std::int64_t told_every = 1 << 16;

}  // namespace

LoneExchange::LoneExchange(const topology::Network& network, std::span<const std::uint32_t> gpus,
                           std::vector<workload::EqualFlows> sets, const Progress& progress)
    : network_(network) {
  for (std::uint32_t c = 0; c < network.channel_count(); ++c) channels_.push_back(network.channel(c));
  std::erase_if(sets, [](const auto& set) { return set.count == 0; });
  std::ranges::stable_sort(sets, {}, &workload::EqualFlows::share);  // labels as in Traffic::add_group
  const auto all = std::transform_reduce(sets.begin(), sets.end(), std::int64_t{0}, std::plus<>(),
                                         [](const auto& set) { return set.count; });
  SlowestWay slowest;
  std::vector<std::uint32_t> route;
  std::vector<topology::Channel> way;
  for (const auto& set : sets) {
    if (shares_.empty() || shares_.back() != set.share) {
      shares_.push_back(set.share);
      loads_.emplace_back(channels_.size());
    }
    set.each([&](std::uint32_t source, std::uint32_t destination) {
      route.clear(), way.clear();
      network.route(gpus[source], gpus[destination], static_cast<std::uint64_t>(flows_), route);
      for (const auto channel : route) ++loads_.back()[channel], way.push_back(channels_[channel]);
      slowest.add(way_of(way));
      if (++flows_ % told_every == 0 && progress)
        progress(static_cast<std::size_t>(flows_), static_cast<std::size_t>(all));
    });
  }
  path_latency_ = slowest.latency();
}

/// A channel, and how often the flows of each share use it.
struct LoneExchange::Limit {
  std::vector<std::uint64_t> loads;  ///< without a common divisor
  double capacity = 0;
  auto operator<=>(const Limit&) const = default;
};

/// Of the channels with the same loads the narrowest counts.
std::vector<LoneExchange::Limit> LoneExchange::limits(LinkEfficiency efficiency) const {
  std::set<Limit> found;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    Limit limit;
    std::uint64_t common = 0;
    for (const auto& loads : loads_) limit.loads.push_back(loads[c]), common = std::gcd(common, loads[c]);
    if (common == 0) continue;
    for (auto& load : limit.loads) load /= common;
    const auto kind = channels_[c].kind;
    const bool inside = kind == topology::LinkKind::nvlink || kind == topology::LinkKind::host;
    limit.capacity = channels_[c].bandwidth.value() * (inside ? efficiency.nvlink : efficiency.network) /
                     static_cast<double>(common);
    found.insert(std::move(limit));
  }
  std::vector<Limit> narrowest;
  for (const auto& limit : found)
    if (narrowest.empty() || narrowest.back().loads != limit.loads) narrowest.push_back(limit);
  return narrowest;
}

/// Max-min fair among the shares that have something left: all grow alike until a channel is full, which holds those
/// that use it, then the others.
std::vector<double> LoneExchange::rates(const std::vector<Limit>& limits, const std::vector<double>& left) {
  std::vector<double> rate(left.size());
  std::vector<bool> grows;
  std::ranges::transform(left, std::back_inserter(grows), [](double bytes) { return bytes > 0; });
  while (std::ranges::count(grows, true) > 0) {
    const Limit* full = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& limit : limits) {
      double taken = 0, growing = 0;
      for (std::size_t s = 0; s < rate.size(); ++s)
        (grows[s] ? growing : taken) += static_cast<double>(limit.loads[s]) * (grows[s] ? 1 : rate[s]);
      if (growing > 0 && (limit.capacity - taken) / growing < least)
        least = (limit.capacity - taken) / growing, full = &limit;
    }
    for (std::size_t s = 0; s < rate.size(); ++s)
      if (grows[s] && full->loads[s] > 0) rate[s] = least, grows[s] = false;
  }
  return rate;
}

Seconds LoneExchange::time(double bytes, LinkEfficiency efficiency) const {
  const auto limited = limits(efficiency);
  std::vector<double> left;
  for (const double share : shares_) left.push_back(bytes * share);
  double now = 0;
  while (std::ranges::max(left) > 0) {
    const auto rate = rates(limited, left);
    std::size_t first = 0;
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < left.size(); ++s)
      if (left[s] > 0 && left[s] / rate[s] < step) step = left[s] / rate[s], first = s;
    for (std::size_t s = 0; s < left.size(); ++s) left[s] = std::max(0.0, left[s] - rate[s] * step);
    left[first] = 0;
    now += step;
  }
  return Seconds(now);
}

}  // namespace plenum::datacenter
