// A trace in simulated time: one TraceRank per class of its ranks.
#pragma once

#include <memory>

#include "sim/datacenter/simulation.hpp"
#include "sim/datacenter/traces/trace_rank.hpp"

namespace plenum::datacenter {

class TraceJob {
 public:
  TraceJob(const scenario::Bound&, const scenario::BoundTrace&, const TraceLayout&, engine::Engine&, FoldedFabric&);

  void begin() {
    for (Class& c : classes_) c.rank->begin();
  }

  /// After the engine has run. Throws SimulationFailed when a rank is not done.
  TraceResult result();

 private:
  struct Class {
    std::int64_t representative = 0;
    std::int64_t members = 1;
    std::unique_ptr<TraceRank> rank;
  };

  void add_class(std::int64_t representative, std::int64_t members);
  Exchange* exchange(std::int64_t rank, const workload::Slot&);
  std::size_t classes_needed(const TraceGroup&, const workload::Slot&) const;

  const scenario::Bound& bound_;
  const scenario::BoundTrace& job_;
  const TraceLayout& layout_;
  Exchange::Surroundings around_;
  std::map<std::uint32_t, std::unique_ptr<Exchange>> exchanges_;  ///< by the fabric's class of its first group
  std::deque<Exchange> alone_;                                    ///< of ranks without partners
  std::vector<Class> classes_;
};

}  // namespace plenum::datacenter
