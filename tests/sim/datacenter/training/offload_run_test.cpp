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

/// Step, and what of it the host and data-parallel traffic take that nothing hides.
struct Times {
  double step, offload, data;
};
Times run(const std::string& cluster, const std::string& plan) {
  const auto bound = bind(cluster, plan);
  const auto times = test::in_child([&] {
    const auto result = simulate(*bound, {});
    const auto& parts = result.training[0].ranks.front().parts;
    const auto part = [&](Part p) { return parts[static_cast<std::size_t>(p)].value(); };
    return std::vector{result.training[0].step.value(), part(Part::offload), part(Part::data_communication)};
  });
  return {times[0], times[1], times[2]};
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

workload::Chunk chunk_of(const std::string& cluster, const std::string& plan) {
  const auto bound = bind(cluster, plan);
  const auto& job = bound->training.front();
  return workload::training_step(job.model, job.plan).stages.front().chunks.front();
}

const std::string on_an_abacus = R"(DGX-H100", "node": {"host": {"bandwidth": "8 GB/s"}}, "name": "abacus)";
const std::string activations = R"("sharding": "optimizer", "micro_batch": 1, "offload_layers": 8)";

/// Copies that are shorter than seven of eight layers hide in either pass: nothing waits for them.
TEST(OffloadedActivations, HideBesideTheLayers) {
  const Times here = run("DGX-H100", R"("sharding": "optimizer", "micro_batch": 1)");
  const Times away = run("DGX-H100", R"("sharding": "optimizer", "micro_batch": 1, "offload_layers": 1)");
  EXPECT_EQ(away.offload, 0);
  EXPECT_NEAR(away.step, here.step, 1e-12);
}

/// At 1 GB/s per GPU the copies set the pace: each pass of two micro-batches takes them and one layer.
TEST(OffloadedActivations, HoldTheLayersUp) {
  const Times here = run(on_an_abacus, R"("sharding": "optimizer", "micro_batch": 1)");
  const Times away = run(on_an_abacus, activations);
  const double copies = 4 * bytes(chunk_of(on_an_abacus, activations).offloaded) / 1e9;
  EXPECT_NEAR(away.step - away.offload - away.data, here.step - here.data, 1e-9 * away.step);
  EXPECT_LT(away.offload, copies);
  EXPECT_GT(away.offload, copies - 7.0 / 8 * here.step);
  EXPECT_LT(away.offload, copies - 6.0 / 8 * here.step);
}

}  // namespace
}  // namespace plenum::datacenter
