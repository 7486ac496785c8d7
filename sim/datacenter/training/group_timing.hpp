// What collectives of one group of a training job take, by the curves behind `plenum collective`, over the flows that
// stand for all of them in the fabric.
#pragma once

#include <map>
#include <vector>

#include "calibration/collectives/timing.hpp"
#include "sim/datacenter/fabric.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::datacenter {

/// Who carries collectives out, and for whom.
struct CollectiveLibrary {
  Seconds call{};              ///< of each collective, beyond what NCCL's own tests take
  double multiprocessors = 0;  ///< that its kernels take; 0: one for each of NCCL's channels
};

class GroupTiming {
 public:
  /// `flows`: the collective whose flows the fabric knows (a ring's all_gather, an exchange of all with all, a
  /// message), at `efficiency`.
  GroupTiming(const scenario::Bound&, std::vector<std::uint32_t> gpus, CollectiveKind flows, LinkEfficiency efficiency,
              const PathLatency& way, CollectiveLibrary);

  struct Collective {
    double amount = 0;  ///< over the group's flows: takes them as long as this one's own bytes take
    double bytes = 0;   ///< over the group's flows: as many as this one moves over the bottleneck
    calibration::Timing timing;
    Seconds alone{};  ///< on an idle fabric without oversubscription
  };
  /// Carried out as NCCL would. `bytes` as workload::Communication counts them.
  const Collective& of(CollectiveKind, double bytes);

  /// That its kernels take: NCCL runs one block per channel, each on a multiprocessor of its own.
  double multiprocessors() const;

 private:
  Collective make(CollectiveKind, Bytes) const;

  calibration::Situation situation_;
  calibration::Passes passes_;  ///< of the flows
  LinkEfficiency efficiency_;
  PathLatency way_;
  CollectiveLibrary library_;
  std::map<std::pair<CollectiveKind, double>, Collective> made_;
};

}  // namespace plenum::datacenter
