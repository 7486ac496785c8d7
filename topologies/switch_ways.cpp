#include "topologies/switch_ways.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/core/random.hpp"

namespace plenum::topology {
namespace {

constexpr auto unreached = std::numeric_limits<std::uint16_t>::max();

std::size_t index(std::int64_t number) { return static_cast<std::size_t>(number); }

}  // namespace

SwitchWays::SwitchWays(const Cluster& cluster, const FatTreeSpecification& fabric)
    : routing_(fabric.routing),
      leaves_(cluster.numbers.count(VertexKind::leaf)),
      hops_(switch_hops(cluster)),
      load_(num_edges(cluster.graph)) {
  if (routing_ == RoutingKind::dimension_order) sizes_ = fabric.graph.dimensions;
}

bool SwitchWays::reaches(std::int64_t from, std::int64_t to) const {
  return distances_to(to)[index(from)] != unreached;
}

std::int64_t SwitchWays::hops(std::int64_t from, std::int64_t to) const { return distances_to(to)[index(from)]; }

const SwitchWays::Distances& SwitchWays::distances_to(std::int64_t destination) const {
  const auto [place, added] = distances_.try_emplace(destination);
  if (!added) return place->second;
  auto& distance = place->second;
  distance.assign(hops_.size(), unreached);
  distance[index(destination)] = 0;
  std::vector<std::int64_t> queue{destination};
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (const auto& hop : hops_[index(queue[head])])  // cables lead both ways
      if (auto& d = distance[index(hop.to)]; d == unreached) {
        d = static_cast<std::uint16_t>(distance[index(queue[head])] + 1);
        queue.push_back(hop.to);
      }
  return distance;
}

SwitchWays::Way SwitchWays::between(std::int64_t from, std::int64_t to, const Flow& flow) const {
  if (from == to) return {};
  if (routing_ == RoutingKind::dimension_order) return by_dimensions(from, to, flow);
  if (routing_ == RoutingKind::valiant) return detour(from, to, flow);
  auto direct = shortest(from, to, flow);
  if (routing_ != RoutingKind::ugal) return direct;
  auto round = detour(from, to, flow);
  return cost(direct) <= cost(round) ? direct : round;
}

/// Load times hops, the estimate of queueing in UGAL (A. Singh, "Load-balanced routing in interconnection networks",
/// 2005), with the load of the whole way.
std::uint64_t SwitchWays::cost(const Way& way) const {
  std::uint64_t most = 0;
  for (const auto edge : way) most = std::max<std::uint64_t>(most, load_[edge] + 1);
  return most * way.size();
}

SwitchWays::Way SwitchWays::detour(std::int64_t from, std::int64_t to, const Flow& flow) const {
  const auto middle = static_cast<std::int64_t>(mix(flow.hash) % static_cast<std::uint64_t>(leaves_));
  if (!reaches(middle, to)) return shortest(from, to, flow);  // another plane
  auto way = shortest(from, middle, flow);
  const auto rest = shortest(middle, to, flow);
  way.insert(way.end(), rest.begin(), rest.end());
  return way;
}

SwitchWays::Way SwitchWays::shortest(std::int64_t from, std::int64_t to, const Flow& flow) const {
  const auto& distance = distances_to(to);
  Way way;
  auto hash = flow.hash;
  for (auto at = from; at != to;) {
    const auto hop = pick(nearer(at, distance), flow, hash = mix(hash));
    way.push_back(hop.edge);
    at = hop.to;
  }
  return way;
}

std::vector<SwitchWays::Hop> SwitchWays::nearer(std::int64_t at, const Distances& distance) const {
  std::vector<Hop> found;
  const auto here = distance[index(at)];
  if (here == unreached) throw std::logic_error("a route between switches that are not connected");
  for (const auto& hop : hops_[index(at)])
    if (distance[index(hop.to)] + 1 == here) found.push_back(hop);
  return found;
}

SwitchWays::Hop SwitchWays::pick(const std::vector<Hop>& hops, const Flow& flow, std::uint64_t hash) const {
  if (routing_ == RoutingKind::ecmp || routing_ == RoutingKind::valiant) return hops[hash % hops.size()];
  if (routing_ == RoutingKind::destination) return hops[flow.destination % hops.size()];
  return *std::ranges::min_element(hops, {}, [&](const Hop& hop) { return load_[hop.edge]; });
}

/// Where the first coordinate that differs comes nearer; on a ring the shorter way round, upwards when both are equal.
SwitchWays::Way SwitchWays::by_dimensions(std::int64_t from, std::int64_t to, const Flow& flow) const {
  const auto& distance = distances_to(to);
  Way way;
  for (auto at = from; at != to;) {
    auto hops = nearer(at, distance);
    keep_first_dimension(at, to, hops);
    const auto next = hops.front().to;
    std::erase_if(hops, [&](const Hop& hop) { return hop.to != next; });
    const auto hop = hops[flow.destination % hops.size()];
    way.push_back(hop.edge);
    at = hop.to;
  }
  return way;
}

/// Around broken cables no hop in that dimension may be left: then any that comes nearer.
void SwitchWays::keep_first_dimension(std::int64_t at, std::int64_t to, std::vector<Hop>& hops) const {
  std::int64_t stride = 1;
  for (const auto size : sizes_) {
    const auto here = at / stride % size;
    if (here != to / stride % size) {
      auto kept = hops;
      std::erase_if(kept, [&](const Hop& hop) { return hop.to / stride % size == here; });
      if (!kept.empty()) hops = std::move(kept);
      return;
    }
    stride *= size;
  }
}

}  // namespace plenum::topology
