#include "workloads/diffusion/generation_plan.hpp"

#include <fmt/format.h>

#include <array>

namespace plenum::workload {

std::span<const std::string_view> names_of(Guidance) {
  static constexpr std::array<std::string_view, 4> names{"none", "batched", "sequential", "parallel"};
  return names;
}

void describe(Fields& fields, GenerationPlan& plan) {
  fields.optional("steps", plan.steps, "Denoising steps", between(1, 10000));
  fields.optional("guidance", plan.guidance, "Classifier-free guidance: how the second pass of a step is made");
  fields.optional("sequence_parallel", plan.sequence_parallel, "GPUs that share a pass", between(1, 1 << 16));
  fields.optional("method", plan.method, "How they attend to all of the sequence");
  fields.optional("most_pictures", plan.most_pictures, "Most pictures (videos) of one batch", between(1, 1 << 16));
  fields.optional("precision", plan.precision, "Of the blocks' matrix products; the rest stays in 16 bits");
  fields.optional("attention_kernel", plan.attention_kernel, "Which fused attention kernel the software has");
  fields.optional("fused_kernels", plan.fused_kernels, "Compiled; false: PyTorch's eager kernels");
  fields.optional("host_per_kernel", plan.host_per_kernel,
                  "That the host takes to issue a kernel; 0 s: it never holds the GPU up", between(0, 1));
  fields.optional("frames_per_second", plan.frames_per_second, "Of videos", between(1, 1000));
}

std::vector<std::pair<std::string, std::string>> check(const GenerationPlan& plan, const Transformer& model) {
  std::vector<std::pair<std::string, std::string>> problems;
  const std::int64_t s = plan.sequence_parallel;
  if (model.context % s != 0)
    problems.emplace_back("/sequence_parallel",
                          fmt::format("{} doesn't divide the {} tokens of picture and text", s, model.context));
  if (plan.method == ContextMethod::all_to_all && model.heads % s != 0)
    problems.emplace_back("/sequence_parallel",
                          fmt::format("{} doesn't divide the {} heads, which all-to-all exchanges", s, model.heads));
  if (plan.guidance != Guidance::none && model.diffusion->guidance_embedded)
    problems.emplace_back("/guidance", fmt::format("{} has guidance as an input and needs no second pass; none would "
                                                   "be right",
                                                   model.name));
  return problems;
}

}  // namespace plenum::workload
