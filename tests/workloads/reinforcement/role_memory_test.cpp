#include "workloads/reinforcement/role_memory.hpp"

#include <gtest/gtest.h>

#include "workloads/training/forward_only.hpp"

namespace plenum::workload {
namespace {

Transformer model_named(const char* name) {
  Issues issues;
  auto model = find_model(name, issues);
  model->fill_defaults();
  return *model;
}

TrainingPlan plan_for(const Transformer& model) {
  TrainingPlan plan;
  plan.global_batch = 64;
  plan.sequence_length = 2048;
  plan.recompute = Recompute::full;
  EXPECT_TRUE(complete(plan, model, 8).empty());
  return plan;
}

TEST(RoleMemory, LeavesWhatIsNotOffloaded) {
  const auto model = model_named("LLAMA3.2-1B"), critic = value_model(model);
  const auto plan = plan_for(model);
  const auto memory = role_memory({model, plan, true, &critic, &critic});
  const auto states = [](const StageMemory& m) { return m.parameters + m.gradients + m.optimizer; };
  EXPECT_EQ(memory.reference, memory.actor.parameters);
  EXPECT_LT(memory.critic.parameters, memory.actor.parameters);  // no vocabulary
  EXPECT_EQ(memory.resident(Offload::none),
            states(memory.actor) + states(memory.critic) + memory.reference + memory.reward);
  EXPECT_EQ(memory.resident(Offload::optimizer),
            memory.actor.parameters + memory.critic.parameters + memory.reference + memory.reward);
  EXPECT_EQ(memory.resident(Offload::all), Bytes{});
  EXPECT_EQ(memory.loaded(Offload::none), Bytes{});
  EXPECT_EQ(memory.offloaded(Offload::optimizer), memory.actor.optimizer + memory.critic.optimizer);
  EXPECT_EQ(memory.loaded(Offload::all), memory.offloaded(Offload::all) + memory.reference + memory.reward);
  EXPECT_GT(memory.training(Offload::none), memory.training(Offload::all));
}

TEST(ForwardOnly, HasHalfTheScheduleAndNothingToReduce) {
  const auto model = model_named("LLAMA3.2-1B");
  auto plan = plan_for(model);
  plan.pipeline_parallel = 4;
  plan.data_parallel = 2;
  const auto whole = training_step(model, plan), forward = forward_only(whole);
  for (std::size_t stage = 0; stage < whole.stages.size(); ++stage) {
    EXPECT_EQ(2 * forward.stages[stage].schedule.size(), whole.stages[stage].schedule.size());
    EXPECT_TRUE(forward.stages[stage].optimizer.empty());
    EXPECT_EQ(forward.stages[stage].chunks.front().parameters, 0);
    EXPECT_EQ(forward.stages[stage].chunks.front().forward.size(), whole.stages[stage].chunks.front().forward.size());
  }
}

}  // namespace
}  // namespace plenum::workload
