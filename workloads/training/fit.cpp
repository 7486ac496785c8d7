// What makes a plan fit into memory.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "workloads/training/activation_offload.hpp"
#include "workloads/training/memory.hpp"

namespace plenum::workload {
namespace {

struct Change {
  std::string text;
  std::function<void(TrainingPlan&)> apply;
};

template <class T>
Change change(const char* name, std::string_view written, T TrainingPlan::*member, T value) {
  return {fmt::format("{}: {}", name, written), [=](TrainingPlan& plan) { plan.*member = value; }};
}

Change recompute(std::string_view written, Recompute what) {
  return {fmt::format("recompute: {}", written), [=](TrainingPlan& plan) {
            plan.recompute = what;
            plan.recompute_modules.reset();
          }};
}

/// More ranks per replica leave fewer replicas.
Change widen(const char* name, std::int64_t TrainingPlan::*dimension, const TrainingPlan& plan, std::int64_t factor) {
  return {fmt::format("{}: {}", name, plan.*dimension * factor), [=](TrainingPlan& changed) {
            changed.*dimension *= factor;
            changed.data_parallel = changed.data_parallel % factor == 0 ? changed.data_parallel / factor : 0;
          }};
}

/// From what costs little time to what changes the whole job.
std::vector<Change> inside_a_rank(const TrainingPlan& plan) {
  std::vector<Change> list;
  if (plan.tensor_parallel > 1 && !plan.sequence_parallel)
    list.push_back(change("sequence_parallel", "true", &TrainingPlan::sequence_parallel, true));
  if (plan.sharding == Sharding::none)
    list.push_back(change("sharding", "optimizer", &TrainingPlan::sharding, Sharding::optimizer));
  if (plan.recompute == Recompute::none && !plan.flash_attention)
    list.push_back(recompute("selective", Recompute::selective));
  if (plan.recompute < Recompute::modules) list.push_back(recompute("modules", Recompute::modules));
  if (plan.recompute != Recompute::full) list.push_back(recompute("full", Recompute::full));
  for (std::int64_t size = plan.micro_batch / 2; size >= 1; size /= 2)
    list.push_back(change("micro_batch", fmt::format("{}", size), &TrainingPlan::micro_batch, size));
  return list;
}

/// Less on a host that is full, more where it has room; of layers the fewest that help, to a power of two.
void add_offload(std::vector<Change>& list, const Transformer& model, const TrainingPlan& plan,
                 const MemoryCapacity& capacity) {
  if (capacity.host == Bytes(0)) return;
  for (const double part : {0.75, 0.5, 0.25, 0.0})
    if (plan.optimizer_offload > part)
      list.push_back(change("optimizer_offload", fmt::format("{}", part), &TrainingPlan::optimizer_offload, part));
  const std::int64_t most = largest_chunk(model, plan);
  const auto layers = [&](std::int64_t count) {
    return change("offload_layers", fmt::format("{}", count), &TrainingPlan::offload_layers, count);
  };
  for (std::int64_t fewer = plan.offload_layers / 2; fewer > 0; fewer /= 2) list.push_back(layers(fewer));
  for (std::int64_t more = 1; more < most; more *= 2)
    if (more > plan.offload_layers) list.push_back(layers(more));
  if (most > plan.offload_layers) list.push_back(layers(most));
  if (plan.offload_layers > 0) list.push_back(layers(0));
  if (plan.optimizer_offload < 1)
    list.push_back(change("optimizer_offload", "1", &TrainingPlan::optimizer_offload, 1.0));
}

void add_dimensions(std::vector<Change>& list, const TrainingPlan& plan) {
  for (const std::int64_t factor : {2, 4, 8})
    list.push_back(widen("tensor_parallel", &TrainingPlan::tensor_parallel, plan, factor));
  for (const std::int64_t factor : {2, 4, 8})
    list.push_back(widen("pipeline_parallel", &TrainingPlan::pipeline_parallel, plan, factor));
  if (plan.sharding < Sharding::parameters)
    list.push_back(change("sharding", "parameters", &TrainingPlan::sharding, Sharding::parameters));
}

std::vector<Change> changes(const Transformer& model, const TrainingPlan& plan, const MemoryCapacity& capacity) {
  std::vector<Change> list = inside_a_rank(plan);
  add_offload(list, model, plan, capacity);
  add_dimensions(list, plan);
  return list;
}

bool helps(const Transformer& model, const TrainingPlan& before, TrainingPlan after, const MemoryCapacity& capacity) {
  if (after.data_parallel == 0) return false;
  return complete(after, model, before.ranks()).empty() && fits(model, after, capacity);
}

/// Of several sizes of one dimension only the smallest that helps is told.
bool same_kind(const std::string& a, const std::string& b) {
  return a.substr(0, a.find(':')) == b.substr(0, b.find(':'));
}

std::vector<std::string> single_changes(const Transformer& model, const TrainingPlan& plan,
                                        const MemoryCapacity& capacity) {
  std::vector<std::string> found;
  for (const Change& one : changes(model, plan, capacity)) {
    TrainingPlan changed = plan;
    one.apply(changed);
    const bool told = std::ranges::any_of(found, [&](const std::string& text) { return same_kind(text, one.text); });
    if (!told && helps(model, plan, changed, capacity)) found.push_back(one.text);
  }
  return found;
}

std::vector<std::string> pairs_of_changes(const Transformer& model, const TrainingPlan& plan,
                                          const MemoryCapacity& capacity) {
  std::vector<std::string> found;
  for (const Change& first : changes(model, plan, capacity)) {
    TrainingPlan changed = plan;
    first.apply(changed);
    if (changed.data_parallel == 0) continue;
    for (const std::string& second : single_changes(model, changed, capacity))
      if (!same_kind(first.text, second)) found.push_back(first.text + " and " + second);
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace

bool fits(const Transformer& model, const TrainingPlan& plan, const MemoryCapacity& capacity) {
  TrainingPlan tried = plan;
  if (plan.recompute == Recompute::automatic) tried.recompute = Recompute::full;
  return std::ranges::all_of(peak_memory(model, tried), [&](const StageMemory& m) {
    return m.total() <= capacity.device && (capacity.host == Bytes(0) || m.host <= capacity.host);
  });
}

void recompute_least(const Transformer& model, TrainingPlan& plan, const MemoryCapacity& capacity) {
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::modules}) {
    plan.recompute = recompute;
    if (fits(model, plan, capacity)) return;
  }
  plan.recompute = Recompute::full;
  const std::int64_t chunks = plan.pipeline_parallel * plan.virtual_stages;
  std::int64_t too_few = 0, enough = (model.layers + model.predicted_ahead + chunks - 1) / chunks;
  while (enough - too_few > 1) {
    plan.recompute_layers = (too_few + enough) / 2;
    (fits(model, plan, capacity) ? enough : too_few) = plan.recompute_layers;
  }
  plan.recompute_layers = enough;
}

std::vector<std::string> ways_to_fit(const Transformer& model, const TrainingPlan& plan,
                                     const MemoryCapacity& capacity) {
  if (fits(model, plan, capacity)) return {};
  std::vector<std::string> found = single_changes(model, plan, capacity);
  if (found.empty()) found = pairs_of_changes(model, plan, capacity);
  if (found.empty()) found.push_back("more GPUs, or GPUs with more memory");
  return found;
}

}  // namespace plenum::workload
