// The most that any routing could carry on a graph of switches: a flow takes at least as many cables as its shortest
// way has, all cables together carry what they carry, and what leaves or enters a switch goes over that switch's own
// cables. Ideal adaptive routing is limited by nothing else (a relaxation of the multi-commodity flow problem: every
// set of rates that some routing reaches is reached here, though fair shares of the larger set may give one of many
// flows less). Flows look alike under it, so they fold. With detours (even_detours.hpp), what packets that all take one
// carry instead: no bound, but what such routing reaches where all switches send alike. UGAL that decides packet by
// packet reaches at least as much there.
#pragma once

#include <string>
#include <vector>

#include "topologies/even_detours.hpp"
#include "topologies/routing.hpp"

namespace plenum::topology {

class PooledSwitches {
 public:
  PooledSwitches() = default;
  explicit PooledSwitches(const Cluster&);
  PooledSwitches(const Cluster&, const EvenDetours&);

  /// Numbers are behind those of the graph's edges: the cables out of each switch, those into each, all of them.
  std::size_t channels() const { return channels_.size(); }
  Channel channel(std::uint32_t id) const { return channels_[id - edges_]; }
  std::string name(std::uint32_t id) const;

  /// Out of one switch, `hops` times over the pool (with detours: as often as they do), into the other. Precondition:
  /// hops > 0.
  void cross(std::int64_t from, std::int64_t to, std::int64_t hops, std::vector<std::uint32_t>& channels) const;

 private:
  std::uint32_t edges_ = 0, switches_ = 0;
  std::int64_t detour_ = 0;  ///< hops; 0: none is taken
  std::vector<Channel> channels_;
};

}  // namespace plenum::topology
