// Offloaded optimizers in simulated time, against closed forms.
#include <gtest/gtest.h>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/training/step.hpp"

namespace plenum::datacenter {
namespace {

std::unique_ptr<scenario::Bound> bind(const std::string& cluster, const std::string& plan) {
  const std::string text = R"({"cluster": {"preset": ")" + cluster + R"(", "nodes": 2}, "jobs": [{"training": {
      "model": {"layers": 8, "hidden": 4096, "heads": 32, "ffn": 14336, "vocabulary": 32000, "context": 4096},
      "plan": {"global_batch": 32, "recompute": "none", )" +
                           plan + "}}}]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  for (const auto& issue : issues.all()) ADD_FAILURE() << to_string(issue);
  return bound;
}

/// Step and what of it the host takes.
struct Times {
  double step, offload;
};
Times run(const std::string& cluster, const std::string& plan) {
  const auto bound = bind(cluster, plan);
  const auto times = test::in_child([&] {
    const auto result = simulate(*bound, {});
    const auto& parts = result.training[0].ranks.front().parts;
    return std::vector{result.training[0].step.value(), parts[static_cast<std::size_t>(Part::offload)].value()};
  });
  return {times[0], times[1]};
}

workload::HostUpdate host_of(const std::string& cluster, const std::string& plan) {
  const auto bound = bind(cluster, plan);
  const auto& job = bound->training.front();
  return workload::training_step(job.model, job.plan).stages.front().host;
}

double bytes(Bytes amount) { return static_cast<double>(amount.value()); }

const std::string offloaded = R"("sharding": "optimizer", "optimizer_offload": 1)";

// DGX H100: 63 GB/s per GPU; 614.4 GB/s of memory for eight, of which Adam reaches 0.46.
TEST(Offload, TakesCopiesAndTheHostsUpdate) {
  const auto host = host_of("DGX-H100", offloaded);
  const double copies = (bytes(host.down) + bytes(host.up)) / 63e9;
  const double update = bytes(host.touched) / (0.46 * 614.4e9 / 8);
  EXPECT_NEAR(run("DGX-H100", offloaded).offload / (copies + update), 1, 1e-9);
  EXPECT_NEAR(run("DGX-H100", offloaded + R"(, "overlap_offload": true)").offload / update, 1, 1e-9);
}

// DGX A100: 31.5 GB/s per GPU fit into 409.6 GB/s of memory; without them eight links would share what is there.
TEST(Offload, LinksShareTheHostsMemory) {
  const auto host = host_of("DGX-A100", offloaded);
  const double update = bytes(host.touched) / (0.46 * 409.6e9 / 8);
  EXPECT_NEAR(run("DGX-A100", offloaded).offload, (bytes(host.down) + bytes(host.up)) / 31.5e9 + update, 1e-9);
  const double slow = bytes(host.touched) / (0.46 * 160e9 / 8);
  const std::string narrow = R"(DGX-A100", "node": {"host": {"bandwidth": "160 GB/s"}}, "name": "narrow)";
  EXPECT_NEAR(run(narrow, offloaded).offload, (bytes(host.down) + bytes(host.up)) / 20e9 + slow, 1e-9);
}

TEST(Offload, OfHalfTakesHalf) {
  const std::string half = R"("sharding": "optimizer", "optimizer_offload": 0.5)";
  EXPECT_NEAR(run("DGX-H100", half).offload / run("DGX-H100", offloaded).offload, 0.5, 1e-6);
}

/// FSDP waits for shards from the host before it gathers them, in both passes of every micro-batch.
TEST(Offload, DelaysFsdp) {
  const std::string sharded = R"("sharding": "parameters", "micro_batch": 1)";
  const Times here = run("DGX-H100", sharded), away = run("DGX-H100", sharded + R"(, "optimizer_offload": 1)");
  EXPECT_GT(away.step, here.step);
  EXPECT_EQ(here.offload, 0);
  EXPECT_GT(away.offload, 0);
}

}  // namespace
}  // namespace plenum::datacenter
