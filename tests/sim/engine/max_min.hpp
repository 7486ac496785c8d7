// The second opinion: max-min fair sharing by progressive filling, and the completion times of flows under it, written
// from the definition and without any code of the engine. Rates grow together from zero; whoever meets a full resource
// or its own limit stops there (Bertsekas & Gallager, Data Networks, 6.5.2).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace plenum::test {

struct FluidFlow {
  struct Use {
    std::size_t resource;
    double share;
  };
  double start = 0, amount = 0;
  double rate_limit = 0;  ///< 0: none
  std::vector<Use> uses;
};

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Max-min fair rates of the flows listed in `active`; zero for the others.
inline std::vector<double> max_min_rates(const std::vector<double>& capacity, const std::vector<FluidFlow>& flows,
                                         const std::vector<std::size_t>& active) {
  std::vector<double> rate(flows.size(), 0), left = capacity, load(capacity.size());
  std::vector<std::size_t> growing = active;
  while (!growing.empty()) {
    std::fill(load.begin(), load.end(), 0);
    for (const auto flow : growing) {
      for (const auto& use : flows[flow].uses) load[use.resource] += use.share;
    }
    const auto level = [&](std::size_t resource) {
      return load[resource] > 0 ? left[resource] / load[resource] : infinite;
    };
    const auto limit = [&](std::size_t flow) { return flows[flow].rate_limit > 0 ? flows[flow].rate_limit : infinite; };
    double lowest = infinite;
    for (std::size_t resource = 0; resource < load.size(); ++resource) lowest = std::min(lowest, level(resource));
    for (const auto flow : growing) lowest = std::min(lowest, limit(flow));
    const auto stops = [&](std::size_t flow) {
      const double reached = lowest * (1 + 1e-12);
      return limit(flow) <= reached || std::ranges::any_of(flows[flow].uses, [&](const FluidFlow::Use& use) {
               return level(use.resource) <= reached;
             });
    };
    const auto stopped = std::stable_partition(growing.begin(), growing.end(), [&](auto flow) { return !stops(flow); });
    for (auto flow = stopped; flow != growing.end(); ++flow) {
      rate[*flow] = lowest;
      for (const auto& use : flows[*flow].uses) left[use.resource] -= use.share * lowest;
    }
    growing.erase(stopped, growing.end());
  }
  return rate;
}

/// When each flow has moved its amount.
inline std::vector<double> completion_times(const std::vector<double>& capacity, const std::vector<FluidFlow>& flows) {
  std::vector<double> remaining(flows.size()), done(flows.size(), infinite);
  for (std::size_t flow = 0; flow < flows.size(); ++flow) remaining[flow] = flows[flow].amount;
  for (double now = 0; now < infinite;) {
    std::vector<std::size_t> active;
    double next = infinite;
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      if (done[flow] < infinite) continue;
      if (flows[flow].start > now) {
        next = std::min(next, flows[flow].start);
      } else {
        active.push_back(flow);
      }
    }
    const auto rate = max_min_rates(capacity, flows, active);
    for (const auto flow : active) next = std::min(next, now + remaining[flow] / rate[flow]);
    if (next == infinite) break;
    for (const auto flow : active) {
      const bool ends = now + remaining[flow] / rate[flow] <= next;
      remaining[flow] -= rate[flow] * (next - now);
      if (ends) done[flow] = next;
    }
    now = next;
  }
  return done;
}

}  // namespace plenum::test
