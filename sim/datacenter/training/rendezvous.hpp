// Where members of a group wait for each other. A collective begins when all have arrived; a latch opens when all have.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/process.hpp"
#include "sim/datacenter/training/group_timing.hpp"
#include "sim/datacenter/training/ledger.hpp"

namespace plenum::datacenter {

/// Collectives that one group carries out, one after the other, taken together.
struct GroupWork {
  struct Part {
    const GroupTiming::Collective* collective = nullptr;
    double count = 0;
  };
  std::vector<Part> parts;
  double amount = 0, bytes = 0;  ///< sums of the collectives'
  KindWeights kinds{};           ///< parts of the time

  bool any() const { return amount > 0; }
  void add(CollectiveKind, const GroupTiming::Collective&, double count);
  /// Of all of them, when their flows took `flows` together.
  Seconds total(Seconds flows) const;
};

/// The collectives of one class of groups. The k-th arrival of every member belongs to the k-th collective.
class Rendezvous {
 public:
  struct Collective {
    std::size_t arrived = 0;
    GroupWork work;
    Seconds began{};  ///< when the last member arrived
    Seconds ended{};
    Signal done;
  };

  /// `classes`: the distinct rank classes among the members, each of which arrives once per collective.
  Rendezvous(engine::Engine&, FoldedFabric&, std::uint32_t group_class, std::vector<std::uint32_t> classes,
             GroupTiming);

  /// `bytes` as workload::Communication counts them. Lives as long as this.
  const GroupTiming::Collective& of(CollectiveKind kind, double bytes) { return timing_.of(kind, bytes); }

  /// Rank class `member` reaches its next collective.
  Collective& arrive(std::uint32_t member, const GroupWork&);

  /// Nobody can get in the way or be waited for: alone() is what the work takes.
  bool exclusive() const { return classes_.size() == 1 && fabric_.exclusive(group_class_); }
  Seconds alone(const GroupWork& work) const { return work.total(fabric_.idle_time(group_class_, work.amount)); }
  void account(const GroupWork& work) { fabric_.account(group_class_, work.bytes); }
  double multiprocessors() const { return timing_.multiprocessors(); }

 private:
  void begin(Collective&);

  engine::Engine& engine_;
  FoldedFabric& fabric_;
  std::uint32_t group_class_;
  std::vector<std::uint32_t> classes_;
  std::vector<std::size_t> arrivals_;  ///< per class: collectives it has reached
  GroupTiming timing_;
  std::deque<Collective> collectives_;  ///< stay until the end: members may still look at a finished one
};

/// Opens when `count` have arrived.
class Latch {
 public:
  explicit Latch(std::size_t count) : missing_(count) {}
  Signal& arrive() {
    if (--missing_ == 0) open_.raise();
    return open_;
  }

 private:
  std::size_t missing_;
  Signal open_;
};

}  // namespace plenum::datacenter
