// The fabric as everything with flows uses it: who communicates with whom (Traffic), folded over its symmetry and laid
// onto the engine (FoldedFabric). In use:
//
//   Traffic traffic;
//   for (rank...) traffic.add_rank(gpu, kind);                      // kind: what makes ranks differ (stage, speed,
//   job) tp = traffic.add_group(kind, {{rank, 0}, ...}, ring_pattern);    // a communicator; pattern flows index its
//   members send = traffic.add_group(kind, {{from, 0}, {to, 1}}, one_flow);  // a message is a group with one flow
//   FoldedFabric fabric(engine, network, traffic, efficiency, fold);
//   for (each class c of ranks) simulate only fabric.rank_representative(c);
//   a collective of the representative's group g: c = fabric.group_class(g); it begins when all rank classes of the
//   members of fabric.group_representative(c) have arrived; then fabric.start(c, bytes, latency, done), or, while
//   fabric.exclusive(c), fabric.idle_time(c, bytes) + latency on a timer of the caller and fabric.account(c,
//   bytes).
//
// All ranks (groups) of a class do the same at the same time, so one of them stands for all; sim/engine/folding.hpp
// says why that is exact. A group may be started any number of times, also again before it is done.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/quantity.hpp"
#include "sim/datacenter/implied_limits.hpp"
#include "sim/datacenter/result.hpp"
#include "sim/engine/engine.hpp"
#include "topologies/routing.hpp"
#include "workloads/collective_pattern.hpp"

namespace plenum::datacenter {

/// A rank in a group. Ranks of different roles (sender, receiver) are never taken for each other.
struct Member {
  std::uint32_t rank = 0;
  std::uint32_t role = 0;
};

/// Ranks, the groups in which they communicate, and the groups' flows. Numbers are given in the order of the calls,
/// from 0.
class Traffic {
 public:
  std::uint32_t add_rank(std::uint32_t gpu, std::uint64_t kind);
  /// Groups of equal kind are started alike: with the same bytes, by the same rule. Flows of the pattern index
  /// `members`, whose GPUs must differ between the ends of a flow.
  std::uint32_t add_group(std::uint64_t kind, std::span<const Member> members, const workload::Pattern& pattern);

  struct Rank {
    std::uint32_t gpu;
    std::uint64_t kind;
  };
  struct Flow {
    std::uint32_t source, destination;  ///< GPUs
  };
  /// Flows that keep pace with each other (hops of a ring): one work on the channels of all of them.
  struct Strand {
    double share;                     ///< of the bytes that its group is started with, over each of its flows
    std::uint32_t first_flow, flows;  ///< range of `flows`
  };
  struct Group {
    std::uint64_t kind;
    std::uint32_t first_member, members;  ///< range of `members`
    std::uint32_t first_strand, strands;  ///< range of `strands`
  };
  std::vector<Rank> ranks;
  std::vector<Group> groups;
  std::vector<Member> members;
  std::vector<Strand> strands;
  std::vector<Flow> flows;

 private:
  void add_strand(double share, std::span<const Member>, std::span<const workload::PatternFlow>);
};

/// Payload rate / link rate.
struct LinkEfficiency {
  double nvlink = 1;
  double network = 1;  ///< cables, and PCIe on the way to them
};

/// Latencies along the way of a group's slowest flows.
struct PathLatency {
  Seconds whole{};
  Seconds added_inside{};   ///< beyond what measured hops contain, of flows inside a domain; negative: less than that
  Seconds added_between{};  ///< the same of flows between domains
};

class FoldedFabric {
 public:
  /// Engine and network must outlive the fabric. `fold` false: every rank, group, flow and channel is a class of its
  /// own, and no channel is left out; a check of folding, for small clusters.
  FoldedFabric(engine::Engine&, const topology::Network&, const Traffic&, LinkEfficiency, bool fold);

  LinkEfficiency efficiency() const { return efficiency_; }

  std::uint32_t rank_classes() const { return static_cast<std::uint32_t>(rank_representative_.size()); }
  std::uint32_t rank_class(std::uint32_t rank) const { return rank_class_[rank]; }
  std::uint32_t rank_representative(std::uint32_t rank_class) const { return rank_representative_[rank_class]; }
  std::uint32_t rank_class_size(std::uint32_t rank_class) const { return rank_class_size_[rank_class]; }

  std::uint32_t group_classes() const { return static_cast<std::uint32_t>(groups_.size()); }
  std::uint32_t group_class(std::uint32_t group) const { return group_class_[group]; }
  std::uint32_t group_representative(std::uint32_t group_class) const { return groups_[group_class].representative; }

  /// Zeros without flows.
  const PathLatency& path_latency(std::uint32_t group_class) const { return groups_[group_class].path_latency; }

  /// Moves `bytes` x share over each flow of the groups of this class, all at once; `when_done` follows the last one.
  /// Nothing moves before `latency` has passed.
  void start(std::uint32_t group_class, double bytes, Seconds latency, engine::Callback when_done);

  /// No flow of this group shares a channel with another kind of flow, its own group's included: while it is not
  /// started again before it is done, start(...) would take exactly latency + idle_time(...), so the engine isn't
  /// needed.
  bool exclusive(std::uint32_t group_class) const { return groups_[group_class].exclusive; }
  /// max over flows of amount / (capacity / n): while nothing else uses the group's channels.
  Seconds idle_time(std::uint32_t group_class, double bytes) const;
  /// Books the bytes on the channels as start() does by itself.
  void account(std::uint32_t group_class, double bytes);

  /// What channels carried until now, by utilization of their bandwidth over `duration`, busiest first; at most
  /// `limit`.
  std::vector<ChannelLoad> busiest(Seconds duration, std::size_t limit) const;

  std::int64_t nodes_unfolded() const { return nodes_unfolded_; }  ///< ranks, groups, strands and channels in use
  std::int64_t nodes_folded() const { return nodes_folded_; }
  std::int64_t flows_unfolded() const { return static_cast<std::int64_t>(routes_.flows()); }
  std::int64_t flows_folded() const { return static_cast<std::int64_t>(strands_.size()); }

 private:
  /// What is left when symmetry is used: one resource per class of channels that can be a bottleneck.
  struct StrandClass {
    double share = 0;             ///< of the bytes that its group is started with
    double seconds_per_byte = 0;  ///< of the group's bytes, while nothing else uses its channels
    double bytes = 0;             ///< moved by each of its flows until now
    std::vector<engine::Use> uses;
  };
  struct GroupClass {
    std::uint32_t representative = 0;
    PathLatency path_latency{};
    std::vector<std::uint32_t> strands;  ///< classes
    bool exclusive = true;
  };
  struct Builder;

  engine::Engine& engine_;
  const topology::Network& network_;
  LinkEfficiency efficiency_;
  std::vector<std::uint32_t> rank_class_, rank_representative_, rank_class_size_, group_class_;
  std::vector<StrandClass> strands_;
  std::vector<GroupClass> groups_;
  std::int64_t nodes_unfolded_ = 0, nodes_folded_ = 0;

  Routes routes_;                          ///< of all flows, over channels numbered by first use
  std::vector<std::uint32_t> channels_;    ///< the network's numbers of them
  std::vector<std::uint32_t> flow_class_;  ///< by flow: the class of its strand
};

}  // namespace plenum::datacenter
