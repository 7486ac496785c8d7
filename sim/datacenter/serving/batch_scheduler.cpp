#include "sim/datacenter/serving/batch_scheduler.hpp"

#include "sim/datacenter/serving/schedulers.hpp"

namespace plenum::datacenter {

std::unique_ptr<BatchScheduler> make_scheduler(const workload::EngineProfile& engine, ScheduleOptions options) {
  if (engine.policy == workload::BatchPolicy::prefill_first)
    return std::make_unique<PrefillFirstScheduler>(engine, options);
  return std::make_unique<MixedScheduler>(engine, options);
}

}  // namespace plenum::datacenter
