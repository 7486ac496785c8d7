// Where the ranks of a trace stand and with whom they communicate: its part of the cluster's traffic.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/fabric.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

/// Ranks that communicate: a communicator, or the two ends of messages of one tag.
struct TraceGroup {
  calibration::Situation situation;
  std::vector<std::uint32_t> members;  ///< of the traffic
  /// A group of the traffic per way in which it communicates; empty when the rank is alone.
  std::map<std::pair<CollectiveKind, CollectiveAlgorithm>, std::uint32_t> ways;
};

class TraceLayout {
 public:
  TraceLayout(const scenario::Bound&, const scenario::BoundTrace&, std::uint64_t number, Traffic&);

  std::uint32_t first_rank() const { return first_rank_; }
  /// Which group a slot of a rank's program means.
  const TraceGroup& group_of(std::int64_t rank, const workload::Slot&) const;

 private:
  /// Communicator and its first member; or sender, receiver and tag.
  using Key = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>;

  Key key_of(std::int64_t rank, const workload::Slot&) const;
  void add_ranks();
  void add_communicator(std::int64_t rank, const workload::Slot&);
  void add_messages(std::int64_t rank, const workload::Slot&);
  void add_ways(TraceGroup&, const workload::Program&, const workload::Slot&, const std::vector<Member>&);
  calibration::Situation situation_of(std::vector<std::int64_t>& ranks) const;
  std::uint32_t gpu_of(std::int64_t rank) const { return static_cast<std::uint32_t>(job_.first_gpu + rank); }

  const scenario::Bound& bound_;
  const scenario::BoundTrace& job_;
  std::uint64_t number_;
  Traffic& traffic_;
  std::uint32_t first_rank_ = 0;
  std::map<Key, TraceGroup> groups_;
};

/// Bytes of a task's communication among so many, and how it is carried out.
Bytes bytes_of(const workload::Task&, std::size_t members);
CollectiveKind kind_of(const workload::Task&);

}  // namespace plenum::datacenter
