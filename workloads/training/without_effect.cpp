#include "workloads/training/without_effect.hpp"

#include <algorithm>

#include "workloads/training/offload.hpp"
#include "workloads/training/quantization.hpp"
#include "workloads/training/recompute.hpp"

namespace plenum::workload {
namespace {

class Finder {
 public:
  Finder(const TrainingPlan& plan, const Transformer& model) : plan_(plan), model_(model) {}

  std::vector<std::pair<std::string, std::string>> run() {
    look_at_recomputation();
    look_at_states();
    look_at_groups();
    look_at_experts();
    look_at_kernels();
    return std::move(found_);
  }

 private:
  /// `asked` for, though what it needs is not there.
  void tell(bool asked, const char* pointer, const char* why) {
    if (asked) found_.emplace_back(pointer, why);
  }

  void look_at_recomputation() {
    const bool whole = plan_.recompute == Recompute::full;
    tell(plan_.recompute_layers > 0 && !whole, "/recompute_layers",
         R"(has no effect: layers are counted with "recompute": "full" only)");
    const bool may_be_whole = whole || plan_.recompute == Recompute::automatic;
    tell(plan_.recompute_early_stop && !may_be_whole, "/recompute_early_stop",
         R"(has no effect: no layer is computed again as a whole; "recompute": "full" would)");
    const auto counts = model_.layer_counts();
    const bool stops = std::ranges::any_of(counts, [&](const auto& c) { return stops_early(plan_, c.kind); });
    tell(plan_.recompute_early_stop && may_be_whole && !stops, "/recompute_early_stop",
         "has no effect: only layers that end with a dense MLP have a product to leave out, and the model has none");
  }

  void look_at_states() {
    const bool everything = plan_.sharding == Sharding::parameters;
    tell(plan_.shards > 0 && plan_.sharding == Sharding::none, "/shards",
         R"(has no effect: "sharding": "none" splits no states)");
    tell(plan_.shards_in_place && !everything, "/shards_in_place",
         R"(has no effect: parameters are gathered layer by layer with "sharding": "parameters" only)");
    tell(plan_.overlap_offload && plan_.optimizer_offload == 0, "/overlap_offload",
         "has no effect: nothing of the optimizer is offloaded; optimizer_offload says how much would be");
    tell(plan_.overlap_offload && offloads_shards(plan_), "/overlap_offload",
         "has no effect: sharded gradients and parameters are copied with their collectives, not around the update");
  }

  void look_at_groups() {
    tell(plan_.context_method != ContextMethod::ring && plan_.context_parallel == 1, "/context_method",
         "has no effect: a rank has whole sequences; context_parallel above 1 would split them");
    tell(plan_.overlap_tensor && plan_.tensor_parallel == 1, "/overlap_tensor",
         "has no effect: with tensor_parallel 1 there is no such communication");
    tell(plan_.overlap_tensor && plan_.tensor_parallel > 1 && !plan_.sequence_parallel, "/overlap_tensor",
         R"(has no effect: products are pipelined with what "sequence_parallel": true gathers and scatters)");
    const bool sends_beside = plan_.virtual_stages > 1 || splits_backward(plan_.schedule);
    tell(plan_.overlap_pipeline && plan_.pipeline_parallel > 1 && !sends_beside, "/overlap_pipeline",
         "has no effect: stages wait for their messages unless virtual_stages is above 1");
    tell(splits_backward(plan_.schedule) && plan_.pipeline_parallel == 1, "/schedule",
         "has no effect on time: there is no pipeline whose bubble delayed gradients could fill");
    tell(plan_.frozen_vision && plan_.images == 0, "/frozen_vision",
         "has no effect: without images the vision encoder stays out");
    tell(plan_.frozen_vision && plan_.images > 0 && plan_.adapter_rank > 0, "/frozen_vision",
         "has no effect: with adapter_rank nothing but adapters is trained");
  }

  void look_at_experts() {
    const bool experts = model_.experts.has_value();
    tell(plan_.dispatch != Dispatch::all_to_all && !experts, "/dispatch", "has no effect: the model has no experts");
    tell(plan_.dispatch != Dispatch::all_to_all && experts && plan_.expert_parallel == 1, "/dispatch",
         "has no effect: every rank has all experts; expert_parallel above 1 would spread them");
    tell(plan_.expert_kernels != ExpertKernels::grouped && !experts, "/expert_kernels",
         "has no effect: the model has no experts");
    tell(plan_.expert_imbalance > 1 && !experts, "/expert_imbalance", "has no effect: the model has no experts");
    tell(plan_.overlap_experts && plan_.expert_parallel == 1, "/overlap_experts",
         "has no effect: no tokens are exchanged; expert_parallel above 1 would");
  }

  void look_at_kernels() {
    const bool quantized = is_quantized(plan_.precision);
    tell(plan_.casts != Casts::cached && !quantized, "/casts", "has no effect: products in 16 bits need no casts");
    tell(plan_.gather_quantized && !gathers_quantized(plan_), "/gather_quantized",
         "has no effect: it needs \"sharding\": \"parameters\", \"casts\": \"per-operand\" and a precision of 8 bits");
    tell(plan_.attention_kernel != AttentionKernel::native && !plan_.flash_attention, "/attention_kernel",
         R"(has no effect: it names a fused kernel, and "flash_attention" is false)");
  }

  const TrainingPlan& plan_;
  const Transformer& model_;
  std::vector<std::pair<std::string, std::string>> found_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> without_effect(const TrainingPlan& plan, const Transformer& model) {
  return Finder(plan, model).run();
}

}  // namespace plenum::workload
