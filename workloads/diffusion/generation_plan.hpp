// How pictures and videos are made: steps, guidance, and how a replica is spread over GPUs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "workloads/training/plan.hpp"

namespace plenum::workload {

/// Classifier-free guidance (arXiv 2207.12598) makes every step twice, with the text and without: as one batch, one
/// after the other, or each on GPUs of its own. Distilled models need none.
enum class Guidance : std::uint8_t { none, batched, sequential, parallel };

struct GenerationPlan {
  std::int64_t steps = 28;
  Guidance guidance = Guidance::none;
  std::int64_t sequence_parallel = 1;  ///< GPUs that share a pass
  ContextMethod method = ContextMethod::all_to_all;
  std::int64_t most_pictures = 1;  ///< of one batch
  Precision precision = Precision::bf16;
  AttentionKernel attention_kernel = AttentionKernel::native;
  bool fused_kernels = true;      ///< compiled; false: PyTorch's eager kernels
  Seconds host_per_kernel{};      ///< that the host takes to issue one; 0: it never holds the GPU up (CUDA graphs)
  double frames_per_second = 16;  ///< of videos

  std::int64_t gpus() const { return sequence_parallel * (guidance == Guidance::parallel ? 2 : 1); }
  std::int64_t passes() const { return steps * (guidance == Guidance::sequential ? 2 : 1); }  ///< one after the other
  std::int64_t samples(std::int64_t pictures) const { return pictures * (guidance == Guidance::batched ? 2 : 1); }
};

std::span<const std::string_view> names_of(Guidance);
void describe(Fields&, GenerationPlan&);

/// What can't be, of this plan for this model: pointer below the plan, message with what would be right.
std::vector<std::pair<std::string, std::string>> check(const GenerationPlan&, const Transformer&);

}  // namespace plenum::workload
