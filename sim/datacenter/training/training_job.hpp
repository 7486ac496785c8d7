// A training job in simulated time: one process per class of its ranks.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/datacenter/simulation.hpp"
#include "sim/datacenter/training/rank_process.hpp"
#include "sim/datacenter/training/training_layout.hpp"

namespace plenum::datacenter {

class TrainingJob {
 public:
  TrainingJob(const scenario::Bound&, const scenario::BoundTraining&, TrainingLayout, const Traffic&, engine::Engine&,
              FoldedFabric&, const Options&);

  void begin() {
    started_ = engine_.now();
    for (Class& c : classes_) c.process->begin();
  }
  /// Begins, and ends with its last rank.
  Process run();

  Advance advance() const;

  /// After the engine has run. Throws SimulationFailed when a rank is not done.
  TrainingResult result();

 private:
  struct Class {
    std::uint32_t id = 0;             ///< of the fabric
    std::int64_t representative = 0;  ///< rank within the job
    std::int64_t stage = 0;
    std::unique_ptr<RankProcess> process;
  };

  const calibration::Device& device_of(std::int64_t rank) const;
  const std::vector<PricedStage>& any_stages() const { return stages_.begin()->second; }  ///< schedules are the same
  void add_class(std::uint32_t id);
  void connect(Class&);
  RankProcess::Neighbour neighbour(const Class&, std::int64_t offset, const std::vector<std::uint32_t>& messages);
  /// Made when first asked for; null for no_group.
  Rendezvous* rendezvous(std::uint32_t group, workload::GroupDimension);
  std::vector<std::uint32_t> member_classes(std::uint32_t group) const;
  std::vector<std::uint32_t> gpus_of(std::uint32_t group) const;
  GroupTiming timing_of(std::uint32_t group, workload::GroupDimension) const;

  const scenario::Bound& bound_;
  const scenario::BoundTraining& job_;
  TrainingLayout layout_;
  engine::Engine& engine_;
  FoldedFabric& fabric_;
  const Traffic& traffic_;
  std::map<const calibration::Device*, std::vector<PricedStage>> stages_;  ///< by the GPUs that the job runs on
  std::vector<Class> classes_;
  std::map<std::uint32_t, std::size_t> class_place_;  ///< fabric's rank class -> index in classes_
  std::map<std::uint32_t, Rendezvous> rendezvous_;    ///< by the fabric's group class
  std::unique_ptr<Latch> all_reduced_;
  std::unique_ptr<JobContext> context_;
  Seconds started_{};
};

}  // namespace plenum::datacenter
