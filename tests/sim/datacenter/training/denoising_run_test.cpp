// Training of diffusion transformers in simulated time.
#include <gtest/gtest.h>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

double step(const std::string& model, const std::string& plan, bool fold = true) {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 2}, "jobs": [{"training": {"model": )" +
                           model + R"(, "plan": {"global_batch": 16, )" + plan + "}}}]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  const auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return test::in_child([&] { return std::vector{simulate(*bound, {.fold = fold}).training[0].step.value()}; }).front();
}

const std::string flux = R"("FLUX.1-dev")";
const std::string wan = R"({"preset": "Wan2.1-T2V-1.3B", "diffusion": {"frames": 17}})";

TEST(DenoisingRun, FoldsForEveryWayToSpread) {
  for (const std::string plan :
       {R"("sharding": "parameters")", R"("tensor_parallel": 2, "context_parallel": 2, "context_method": "ring")",
        R"("pipeline_parallel": 2, "recompute": "full")",
        R"("context_parallel": 4, "context_method": "all-to-all", "sharding": "parameters")"})
    for (const auto& model : {flux, wan})
      EXPECT_NEAR(step(model, plan) / step(model, plan, false), 1, 1e-9) << model << plan;
}

/// Twice the frames (but the first) are more than twice the work: attention grows with the square.
TEST(DenoisingRun, LongerVideosTakeMoreThanTheirPart) {
  const std::string plan = R"("sharding": "parameters", "recompute": "full")";
  const auto frames = [&](int count) {
    return step(R"({"preset": "Wan2.1-T2V-14B", "diffusion": {"frames": )" + std::to_string(count) + "}}", plan);
  };
  EXPECT_GT(frames(81), (21.0 / 11) * 1.2 * frames(41));
}

}  // namespace
}  // namespace plenum::datacenter
