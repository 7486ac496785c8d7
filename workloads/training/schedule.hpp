// The order in which one pipeline rank runs its micro-batches. GPipe: Huang 2019; 1F1B: Narayanan 2019
// (PipeDream-flush); interleaved 1F1B with virtual stages: Narayanan 2021, 2.2 (micro-batches run in groups of pp per
// chunk; micro_batches % pp == 0); zero bubble: ZB-H1 of Qi 2023 (arXiv 2401.10241, 2.1), which computes gradients of
// weights later. Two have two chunks per rank, the second in reverse order of ranks, so that the first rank holds both
// ends of the model: ZB-V (Qi 2024, arXiv 2405.15362), and DualPipeV (DeepSeek 2025, github.com/deepseek-ai/DualPipe),
// DualPipe's two directions in one, without its second copy of the parameters.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace plenum::workload {

/// `weights`: gradients of weights, where the schedule has them apart from those of inputs.
enum class Pass : std::uint8_t { forward, backward, weights };
enum class PipelineSchedule : std::uint8_t { one_f_one_b, gpipe, zero_bubble, zb_v, dualpipe_v };
std::span<const std::string_view> names_of(PipelineSchedule);
constexpr bool splits_backward(PipelineSchedule schedule) { return schedule >= PipelineSchedule::zero_bubble; }
constexpr bool is_v_shaped(PipelineSchedule schedule) { return schedule >= PipelineSchedule::zb_v; }

struct ScheduleItem {
  Pass pass = Pass::forward;
  std::int32_t chunk = 0;  ///< virtual stage on this rank
  std::int32_t micro_batch = 0;
};

/// All forward passes, then all backward passes: holds every micro-batch at once.
std::vector<ScheduleItem> gpipe(std::int64_t micro_batches);

/// Forward and backward passes as 1F1B has them; gradients of weights fill the time in which a rank would wait, as long
/// as it holds no more micro-batches than the first rank of 1F1B does. With equal passes of time t a step takes (3 m +
/// p - 1) t, where 1F1B takes 3 (m + p - 1) t. Found by running all ranks with such passes.
std::vector<ScheduleItem> zero_bubble(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank);

/// In the order of PyTorch (ScheduleZBVZeroBubble). Holds 2 p chunks, what the first rank of 1F1B does; with equal
/// passes of time t and m >= 2 p - 1 a step takes (6 m + p - 1) t.
std::vector<ScheduleItem> zb_v(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank);

/// Pairs the forward pass of one chunk with the backward pass of the other, so that each hides the other's exchange of
/// experts. Holds 2 p + 1 chunks; with equal passes of time t a step takes (6 m + p - 1) t. Needs m >= 2 p.
std::vector<ScheduleItem> dualpipe_v(std::int64_t pipeline_parallel, std::int64_t micro_batches, std::int64_t rank);

std::vector<ScheduleItem> pipeline_schedule(PipelineSchedule, std::int64_t pipeline_parallel,
                                            std::int64_t virtual_stages, std::int64_t micro_batches, std::int64_t rank);

/// Items of pipeline rank `rank` in execution order: 2 x micro_batches x virtual_stages of them.
std::vector<ScheduleItem> one_f_one_b(std::int64_t pipeline_parallel, std::int64_t virtual_stages,
                                      std::int64_t micro_batches, std::int64_t rank);

}  // namespace plenum::workload
