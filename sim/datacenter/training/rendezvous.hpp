// Where members of a group wait for each other. A collective begins when all have arrived; a latch opens when all have.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/process.hpp"

namespace plenum::datacenter {

/// The collectives of one class of groups. The k-th arrival of every member belongs to the k-th collective.
class Rendezvous {
 public:
  /// One collective, or several of one segment taken together.
  struct Collective {
    std::size_t arrived = 0;
    double bytes = 0;
    Seconds began{};  ///< when the last member arrived
    Seconds ended{};
    Signal done;
  };
  /// Latency of one ring that moves so many bytes.
  using Latency = std::function<Seconds(double bytes)>;

  /// `classes`: the distinct rank classes among the members, each of which arrives once per collective.
  Rendezvous(engine::Engine&, FoldedFabric&, std::uint32_t group_class, std::vector<std::uint32_t> classes, Latency);

  /// Rank class `member` reaches its next collective: `bytes` (all-gather equivalent) in `rings` dependent rings.
  Collective& arrive(std::uint32_t member, double bytes, double rings);

  /// Nobody can get in the way or be waited for: closed_form() is what a collective takes.
  bool alone() const { return classes_.size() == 1 && fabric_.exclusive(group_class_); }
  Seconds closed_form(double bytes, double rings) const;
  void account(double bytes) { fabric_.account(group_class_, bytes); }

 private:
  engine::Engine& engine_;
  FoldedFabric& fabric_;
  std::uint32_t group_class_;
  std::vector<std::uint32_t> classes_;
  std::vector<std::size_t> arrivals_;  ///< per class: collectives it has reached
  Latency latency_;
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
