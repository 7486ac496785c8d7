// What the ranks of a trace do together. The k-th use of a communicator begins when all of its members have come to it;
// a message begins when its sender has.
#pragma once

#include <deque>

#include "sim/datacenter/traces/trace_layout.hpp"

namespace plenum::datacenter {

/// Who takes part in an exchange, told about it.
class Participant {
 public:
  virtual ~Participant() = default;
  virtual void began(std::uint32_t task) = 0;  ///< bytes move
  virtual void ended(std::uint32_t task) = 0;
};

class Exchange {
 public:
  struct Surroundings {
    engine::Engine& engine;
    FoldedFabric& fabric;
  };
  /// `needed`: rank classes that must come before it begins.
  Exchange(const Surroundings& around, const TraceGroup& group, std::size_t needed)
      : around_(around), group_(group), needed_(needed) {}

  /// Participants come to their `turn`-th use; one that only receives is not waited for.
  void come(std::size_t turn, const workload::Task&, std::uint32_t number, Participant&, bool only_receives);

 private:
  struct Use {
    std::size_t arrived = 0;
    bool began = false, ended = false;
    std::vector<std::pair<Participant*, std::uint32_t>> participants;
  };

  void begin(Use&, const workload::Task&);
  void end(Use&);

  const Surroundings& around_;
  const TraceGroup& group_;
  std::size_t needed_;
  std::deque<Use> uses_;
};

}  // namespace plenum::datacenter
