#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "analysis/report/report.hpp"

namespace plenum::analysis {
namespace {

using Json = nlohmann::json;
using datacenter::Interval;
using Track = Interval::Track;

Interval interval(Track track, double start, double end, std::string name, std::int64_t message = -1) {
  return {track, Seconds(start), Seconds(end), std::move(name), 0, 3, message};
}

datacenter::Result two_stages() {
  datacenter::RankClass first{.representative = 0, .members = 8, .stage = 0, .parts = {}, .timeline = {}};
  auto second = first;
  second.representative = 8;
  second.stage = 1;
  first.timeline = {interval(Track::compute, 0, 1.0 / 3, "forward 0"),
                    interval(Track::send, 1.0 / 3, 0.4, "send 0", 7)};
  second.timeline = {interval(Track::receive, 1.0 / 3, 0.4, "receive 0", 7),
                     interval(Track::compute, 0.4, 1, "forward 0"), interval(Track::send, 1, 1.1, "send 1", 8),
                     interval(Track::send, 1.05, 1.1, "send 2", 9)};  // begins before the one before has arrived
  datacenter::Result result;
  result.training.push_back({.job = "job", .step = Seconds(1.1), .ranks = {first, second}, .footing = {}});
  return result;
}

Json events() { return Json::parse(chrome_trace(scenario::Bound(), two_stages())).at("traceEvents"); }

TEST(Trace, SlicesNestOnEveryTrack) {
  std::map<std::pair<int, int>, std::vector<double>> open;  // ends of the slices around, innermost last
  for (const auto& event : events()) {
    if (event["ph"] != "X") continue;
    auto& ends = open[{event["pid"], event["tid"]}];
    const double start = event["ts"], end = start + event["dur"].get<double>();
    while (!ends.empty() && ends.back() <= start + 1e-6) ends.pop_back();
    const double around = ends.empty() ? end : ends.back();
    EXPECT_LE(end, around + 1e-6) << event;
    ends.push_back(end);
  }
  EXPECT_EQ(open.size(), 6u);  // compute and send of both stages, receive and a second lane of sends of the second
}

TEST(Trace, TimesAreMicroseconds) {
  for (const auto& event : events())
    if (event["ph"] == "X" && event["name"] == "send 0") {
      EXPECT_DOUBLE_EQ(event["ts"], 333333.333);
      EXPECT_EQ(event["args"]["micro_batch"], 3);
    }
}

TEST(Trace, AMessageIsAnArrowWhenBothEndsAreShown) {
  std::vector<Json> arrows;
  for (const auto& event : events())
    if (event["ph"] == "s" || event["ph"] == "f") arrows.push_back(event);
  ASSERT_EQ(arrows.size(), 2u);
  EXPECT_EQ(arrows[0]["id"], arrows[1]["id"]);
  EXPECT_EQ(arrows[0]["pid"], 0);
  EXPECT_EQ(arrows[1]["pid"], 1);
  EXPECT_EQ(arrows[1]["bp"], "e");
  EXPECT_LE(arrows[0]["ts"].get<double>(), arrows[1]["ts"].get<double>());
}

TEST(Trace, ProcessesAndTracksHaveNames) {
  std::vector<std::string> names;
  for (const auto& event : events())
    if (event["name"] == "process_name") names.push_back(event["args"]["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"job: stage 0, rank 0 (8 alike)", "job: stage 1, rank 8 (8 alike)"}));
}

}  // namespace
}  // namespace plenum::analysis
