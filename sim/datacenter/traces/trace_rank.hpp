// One class of ranks of a trace, executed: a task starts when those that it waits for are done. The GPU and the CPU
// each do one thing at a time, that with the lowest id first; communication runs beside them.
#pragma once

#include <set>

#include "sim/datacenter/traces/exchange.hpp"
#include "sim/datacenter/traces/trace_result.hpp"

namespace plenum::datacenter {

/// Computation's time on a device: as measured, else operations and bytes at the device's peaks.
Seconds computation_time(const workload::Task&, const calibration::Device&);

class TraceRank : public Participant {
 public:
  /// `exchanges`: by slot of the program. `speed` of the GPU, relative.
  TraceRank(engine::Engine&, const calibration::Device&, const workload::Program&, std::vector<Exchange*> exchanges,
            double speed);

  void begin();
  void began(std::uint32_t task) override;
  void ended(std::uint32_t task) override;

  bool done() const { return left_ == 0; }
  Seconds end() const { return end_; }
  std::string waits_for() const;  ///< what has started and not ended
  TraceRankClass observed(Seconds whole);

 private:
  /// The GPU or the CPU.
  struct Processor {
    std::set<std::uint32_t> ready;
    bool busy = false;
    double speed = 1;
  };

  void start(std::uint32_t task);
  void run_next(Processor&);
  void finish(std::uint32_t task);
  void charge();

  engine::Engine& engine_;
  const calibration::Device& device_;
  const workload::Program& program_;
  std::vector<Exchange*> exchanges_;
  std::vector<std::uint32_t> waits_;
  std::set<std::uint32_t> waiting_;  ///< communication that has started and not ended
  Processor gpu_, host_;
  std::size_t left_;
  std::int64_t moving_ = 0;  ///< exchanges under way
  Seconds charged_{}, end_{};
  TraceRankClass observed_;
};

}  // namespace plenum::datacenter
