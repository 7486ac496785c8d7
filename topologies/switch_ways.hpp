// Ways from switch to switch over any graph: shortest ones by breadth-first search, dimension by dimension, and
// detours. Switches are numbered from the first leaf on.
#pragma once

#include <unordered_map>
#include <vector>

#include "topologies/specification.hpp"
#include "topologies/switch_hops.hpp"

namespace plenum::topology {

class SwitchWays {
 public:
  SwitchWays(const Cluster&, const FatTreeSpecification&);

  struct Flow {
    std::uint32_t destination = 0;
    std::uint64_t hash = 0;
  };
  using Way = std::vector<std::uint32_t>;  ///< edges

  bool reaches(std::int64_t from, std::int64_t to) const;
  /// Cables of a shortest way. Precondition: reaches(from, to).
  std::int64_t hops(std::int64_t from, std::int64_t to) const;
  /// By the fabric's routing, which has single ways. Precondition: reaches(from, to).
  Way between(std::int64_t from, std::int64_t to, const Flow&) const;
  /// A flow was laid over this edge: adaptive policies look at that.
  void take(std::uint32_t edge) const { ++load_[edge]; }

 private:
  using Hop = SwitchHop;
  using Distances = std::vector<std::uint16_t>;  ///< by switch, to one destination

  const Distances& distances_to(std::int64_t destination) const;
  Way shortest(std::int64_t from, std::int64_t to, const Flow&) const;
  Way detour(std::int64_t from, std::int64_t to, const Flow&) const;
  Way by_dimensions(std::int64_t from, std::int64_t to, const Flow&) const;
  std::vector<Hop> nearer(std::int64_t at, const Distances&) const;
  void keep_first_dimension(std::int64_t at, std::int64_t to, std::vector<Hop>&) const;
  Hop pick(const std::vector<Hop>&, const Flow&, std::uint64_t hash) const;
  std::uint64_t cost(const Way&) const;

  RoutingKind routing_;
  std::vector<std::int64_t> sizes_;  ///< of dimension_order
  std::int64_t leaves_;
  std::vector<std::vector<Hop>> hops_;       ///< by switch
  mutable std::vector<std::uint32_t> load_;  ///< flows laid over each edge until now
  mutable std::unordered_map<std::int64_t, Distances> distances_;
};

}  // namespace plenum::topology
