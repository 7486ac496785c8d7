#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "fork.hpp"
#include "sim/datacenter/simulation.hpp"

namespace plenum::datacenter {
namespace {

/// On one DGX-H100; `fields` are those of the job beside the model.
GenerationResult run(const std::string& model, const std::string& fields) {
  const std::string text = R"({"cluster": {"preset": "DGX-H100", "nodes": 1}, "jobs": [{"generation": {"model": )" +
                           model + ", " + fields + "}}]}";
  Issues issues;
  const auto loaded = scenario::load_text(text, "test.json", {}, issues);
  const auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  if (!bound) throw std::runtime_error(to_string(issues.all().front()));
  return simulate(*bound, {.seed = 3}).generation.front();
}

const std::string one = R"("requests": {"arrivals": "at-once", "count": 1}, "replicas": 1)";

/// Encoding, denoising, decoding and exposed exchange of one picture alone.
std::vector<double> alone(const std::string& model, const std::string& plan) {
  return test::in_child([&] {
    const auto time = run(model, "\"plan\": " + plan + ", " + one).alone;
    return std::vector{time.encoding.value(), time.denoising.value(), time.decoding.value(), time.exposed.value()};
  });
}

const std::string flux = R"("FLUX.1-dev")";
const std::string wan = R"({"preset": "Wan2.1-T2V-1.3B", "diffusion": {"frames": 17}})";

TEST(PictureDeployment, StepsAreAllAlike) {
  const auto few = alone(flux, R"({"steps": 10})"), many = alone(flux, R"({"steps": 30})");
  EXPECT_NEAR(many[1], 3 * few[1], 1e-9);
  EXPECT_DOUBLE_EQ(many[0], few[0]);
  EXPECT_DOUBLE_EQ(many[2], few[2]);
}

TEST(PictureDeployment, GuidanceMakesEveryStepTwice) {
  const auto none = alone(wan, R"({"guidance": "none"})"), sequential = alone(wan, R"({"guidance": "sequential"})"),
             batched = alone(wan, R"({"guidance": "batched"})"), parallel = alone(wan, R"({"guidance": "parallel"})");
  EXPECT_NEAR(sequential[1], 2 * none[1], 1e-9);
  EXPECT_LE(batched[1], sequential[1]);
  EXPECT_GT(batched[1], 1.5 * none[1]);
  EXPECT_NEAR(parallel[1], none[1], 0.05 * none[1]);  // two GPUs, and the slower one of both
}

TEST(PictureDeployment, GpusThatShareAPassAreFasterAndExchange) {
  const auto single = alone(wan, "{}"), ulysses = alone(wan, R"({"sequence_parallel": 4})"),
             ring = alone(wan, R"({"sequence_parallel": 4, "method": "ring"})");
  EXPECT_EQ(single[3], 0);
  EXPECT_GT(ulysses[3], 0);
  for (const auto& shared : {ulysses, ring}) {
    EXPECT_LT(shared[1], 0.5 * single[1]);
    EXPECT_GT(shared[1], 0.25 * single[1]);
  }
}

/// One replica, pictures that take equally long, Poisson arrivals: M/D/1, whose mean wait is u S / (2 (1 - u))
/// (Kleinrock, Queueing Systems I, 1975, 5.6). 99 % of a Student distribution with 39 degrees of freedom lie
/// within 2.71 standard errors of the batch means.
TEST(PictureDeployment, WaitsAsMD1) {
  const auto time = alone(flux, "{}");
  const double service = time[0] + time[1] + time[2];
  constexpr std::size_t batches = 40;
  const auto numbers = test::in_child([&] {
    const auto result = run(
        flux, R"("replicas": 1, "requests": {"count": 40000, "per_second": )" + std::to_string(0.7 / service) + "}");
    const auto n = static_cast<double>(result.pictures.size());
    std::vector<double> waits(batches);
    for (std::size_t i = 0; i < result.pictures.size(); ++i)
      waits[i * batches / result.pictures.size()] +=
          (result.pictures[i].start - result.pictures[i].arrival).value() * batches / n;
    waits.push_back(n / result.pictures.back().arrival.value());
    return waits;
  });
  const double use = numbers.back() * service, expected = use * service / (2 * (1 - use));
  const double mean = std::accumulate(numbers.begin(), numbers.end() - 1, 0.0) / batches;
  double variance = 0;
  for (std::size_t i = 0; i < batches; ++i) variance += std::pow(numbers[i] - mean, 2) / (batches * (batches - 1));
  EXPECT_NEAR(use, 0.7, 0.02);
  EXPECT_NEAR(mean, expected, 2.71 * std::sqrt(variance));
}

TEST(PictureDeployment, EveryPictureIsMadeOnceInBatches) {
  const auto numbers = test::in_child([&] {
    const auto result = run(R"("DiT-XL/2")", R"("plan": {"most_pictures": 8}, "replicas": 2, "router": "round-robin",
      "requests": {"arrivals": "at-once", "count": 98})");
    const auto bad = std::ranges::count_if(
        result.pictures, [](const PictureRecord& p) { return p.start < p.arrival || p.done <= p.start; });
    return std::vector{static_cast<double>(result.pictures.size()), static_cast<double>(bad),
                       static_cast<double>(result.batches)};
  });
  EXPECT_EQ(numbers[0], 98);
  EXPECT_EQ(numbers[1], 0);
  EXPECT_EQ(numbers[2], 2 * (1 + 6));  // of each replica's 49 the first finds it free, the others wait together
}

TEST(PictureDeployment, ClosedLoopKeepsItsConcurrency) {
  const auto numbers = test::in_child([&] {
    const auto result = run(flux, R"("replicas": 8, "requests": {"concurrency": 8, "count": 80})");
    return std::vector{result.end.value(), result.alone.total().value(), result.busy_seconds};
  });
  EXPECT_NEAR(numbers[0], 10 * numbers[1], 1e-6);
  EXPECT_NEAR(numbers[2], 80 * numbers[1], 1e-6);
}

}  // namespace
}  // namespace plenum::datacenter
