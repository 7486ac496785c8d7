// The order in which one pipeline rank runs its micro-batches. 1F1B: Narayanan 2019 (PipeDream-flush); interleaved 1F1B
// with virtual stages: Narayanan 2021, 2.2 (micro-batches run in groups of pp per chunk; micro_batches % pp == 0).
#pragma once

#include <cstdint>
#include <vector>

namespace plenum::workload {

enum class Pass : std::uint8_t { forward, backward };

struct ScheduleItem {
  Pass pass = Pass::forward;
  std::int32_t chunk = 0;  ///< virtual stage on this rank
  std::int32_t micro_batch = 0;
};

/// Items of pipeline rank `rank` in execution order: 2 x micro_batches x virtual_stages of them.
std::vector<ScheduleItem> one_f_one_b(std::int64_t pipeline_parallel, std::int64_t virtual_stages,
                                      std::int64_t micro_batches, std::int64_t rank);

}  // namespace plenum::workload
