// The constants of engines in their own file.
#include "workloads/serving/host_times.hpp"

#include <gmock/gmock.h>

#include "sim/core/json.hpp"

namespace plenum::workload {
namespace {

TEST(HostTimes, StandInTheirFileForEveryEngine) {
  Issues issues;
  const auto file = json::parse_file(host_times_file(), issues);
  ASSERT_TRUE(file);
  std::vector<std::string> named;
  for (std::size_t i = 0; const auto* engine = json::at(*file, "/engines/" + std::to_string(i) + "/name"); ++i)
    named.push_back(std::get<std::string>(engine->data));
  EXPECT_THAT(named, testing::ContainerEq(engine_names()));
}

TEST(HostTimes, AreReadAsTheyAreWritten) {
  Issues issues;
  const auto engine = find_engine("vllm", issues);
  ASSERT_TRUE(engine);
  EngineProfile other;
  other.name = "vllm";
  copy_host_times(*engine, other);
  const std::string text = host_times_text("a test", std::vector{other});
  const auto parsed = json::parse(text, "host_times.json", issues);
  ASSERT_TRUE(parsed) << text;
  const auto* written = json::at(*parsed, "/engines/0/request_host");
  ASSERT_TRUE(written);
  EXPECT_EQ(std::get<std::string>(written->data), "15000 us");
  EXPECT_DOUBLE_EQ(other.request_host.value(), 15e-3);
}

TEST(HostTimes, EachConstantGetsWhatItWasSet) {
  EngineProfile engine;
  double value = 1;
  for (const HostTime& constant : host_times()) constant.set(engine, value += 1);
  value = 1;
  for (const HostTime& constant : host_times()) EXPECT_NEAR(constant.get(engine), value += 1, 1e-9) << constant.name;
}

}  // namespace
}  // namespace plenum::workload
