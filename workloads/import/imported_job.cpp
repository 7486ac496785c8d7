#include "workloads/import/imported_job.hpp"

#include <algorithm>

namespace plenum::workload {

void finish(ImportedJob& job, std::int64_t gpus) {
  TrainingPlan& plan = job.plan;
  const std::int64_t data = std::max<std::int64_t>(1, gpus / plan.ranks_per_replica());
  if (job.batch_per_rank > 0) plan.global_batch = job.batch_per_rank * data;
  if (job.replicate > 1) plan.shards = std::max<std::int64_t>(1, data * plan.context_parallel / job.replicate);
}

}  // namespace plenum::workload
