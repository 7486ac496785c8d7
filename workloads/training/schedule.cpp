#include "workloads/training/schedule.hpp"

#include <algorithm>
#include <array>

namespace plenum::workload {
namespace {

/// Walks micro-batches in groups of `stages` per chunk; backward starts with the last chunk. With one chunk the groups
/// make no difference.
struct Order {
  std::int64_t stages, chunks;

  ScheduleItem item(Pass pass, std::int64_t k) const {
    const std::int64_t in_round = k % (stages * chunks);
    const std::int64_t chunk = chunks == 1 ? 0 : in_round / stages;
    const std::int64_t micro_batch = chunks == 1 ? k : k / (stages * chunks) * stages + k % stages;
    return {pass, static_cast<std::int32_t>(pass == Pass::forward ? chunk : chunks - 1 - chunk),
            static_cast<std::int32_t>(micro_batch)};
  }
};

/// Forward passes before the first backward (Megatron-LM, schedules.py, get_pp_rank_microbatches).
std::int64_t warm_up(std::int64_t stages, std::int64_t chunks, std::int64_t micro_batches, std::int64_t rank) {
  const std::int64_t behind = stages - rank - 1;
  if (chunks == 1) return std::min(behind, micro_batches);
  if (micro_batches == stages) return micro_batches * chunks;
  return std::min(2 * behind + (chunks - 1) * stages, micro_batches * chunks);
}

}  // namespace

std::vector<ScheduleItem> one_f_one_b(std::int64_t pipeline_parallel, std::int64_t virtual_stages,
                                      std::int64_t micro_batches, std::int64_t rank) {
  const Order order{pipeline_parallel, virtual_stages};
  const std::int64_t total = micro_batches * virtual_stages;
  const std::int64_t ahead = warm_up(pipeline_parallel, virtual_stages, micro_batches, rank);
  std::vector<ScheduleItem> items;
  items.reserve(static_cast<std::size_t>(2 * total));
  for (std::int64_t k = 0; k < ahead; ++k) items.push_back(order.item(Pass::forward, k));
  for (std::int64_t k = ahead; k < total; ++k) {
    items.push_back(order.item(Pass::forward, k));
    items.push_back(order.item(Pass::backward, k - ahead));
  }
  for (std::int64_t k = total - ahead; k < total; ++k) items.push_back(order.item(Pass::backward, k));
  return items;
}

std::vector<ScheduleItem> gpipe(std::int64_t micro_batches) {
  std::vector<ScheduleItem> items;
  for (const Pass pass : {Pass::forward, Pass::backward})
    for (std::int64_t k = 0; k < micro_batches; ++k) items.push_back({pass, 0, static_cast<std::int32_t>(k)});
  return items;
}

std::span<const std::string_view> names_of(PipelineSchedule) {
  static constexpr std::array<std::string_view, 5> names{"1f1b", "gpipe", "zero-bubble", "zb-v", "dualpipe-v"};
  return names;
}

std::vector<ScheduleItem> pipeline_schedule(PipelineSchedule schedule, std::int64_t pipeline_parallel,
                                            std::int64_t virtual_stages, std::int64_t micro_batches,
                                            std::int64_t rank) {
  switch (schedule) {
    case PipelineSchedule::gpipe:
      return gpipe(micro_batches);
    case PipelineSchedule::zero_bubble:
      return zero_bubble(pipeline_parallel, micro_batches, rank);
    case PipelineSchedule::zb_v:
      return zb_v(pipeline_parallel, micro_batches, rank);
    case PipelineSchedule::dualpipe_v:
      return dualpipe_v(pipeline_parallel, micro_batches, rank);
    case PipelineSchedule::one_f_one_b:
      break;
  }
  return one_f_one_b(pipeline_parallel, virtual_stages, micro_batches, rank);
}

}  // namespace plenum::workload
