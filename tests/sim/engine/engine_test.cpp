// The engine's contract at golden timestamps: the algebra stands before each expectation. Each simulation runs in a
// child.
#include "sim/engine/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fork.hpp"
#include "sim/core/random.hpp"

namespace plenum::engine {
namespace {

using test::in_child;

/// Times relative to 1e-12: the double arithmetic of a few events, nothing else.
void expect_times(const std::vector<double>& times, const std::vector<double>& expected) {
  ASSERT_EQ(times.size(), expected.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    EXPECT_NEAR(times[i], expected[i], 1e-12 * expected[i]) << "time " << i;
}

/// Records the time of each callback.
struct Clock {
  Engine engine;
  std::vector<double> times;
  Callback record() {
    return [this] { times.push_back(engine.now().value()); };
  }
  WorkId start(double amount, std::initializer_list<Use> uses, double latency = 0, double rate_limit = 0) {
    return engine.start({amount, Seconds(latency), {uses.begin(), uses.size()}, rate_limit}, record());
  }
};

std::vector<double> times_of(const std::function<void(Clock&)>& scene) {
  return in_child([&] {
    Clock clock;
    scene(clock);
    clock.engine.run();
    return clock.times;
  });
}

TEST(Engine, AWorkTakesItsLatencyThenAmountOverCapacity) {
  // 2 us + 1e6 B / 450e9 B/s
  expect_times(times_of([](Clock& c) { c.start(1e6, {{c.engine.add_resource(450e9)}}, 2e-6); }), {2e-6 + 1e6 / 450e9});
}

TEST(Engine, AmountsAreNotRoundedToWholeUnits) {
  expect_times(times_of([](Clock& c) { c.start(0.25, {{c.engine.add_resource(1e9)}}); }), {0.25e-9});
}

TEST(Engine, MicrosecondsAreExactLateInALongSimulation) {
  // A day, then 1 us: what is left of it is the last place of the clock (1.5e-11 s).
  const auto times = times_of([](Clock& c) {
    const auto link = c.engine.add_resource(1e9);
    c.engine.after(Seconds(86400), [&c, link] { c.start(1000, {{link}}); });
  });
  EXPECT_NEAR(times.at(0), 86400 + 1e-6, 3e-11);
}

TEST(Engine, FarEventsAreNotLostWhenTheClockRounds) {
  // Each end lies at two to three times the one before: now + (end - now) rounds past about one end in forty.
  for (int seed = 0; seed < 50; ++seed) {
    RandomStream random(seed, "far events");
    std::vector<double> expected;
    for (double time = 1e-6; time < 1e6; time *= 2.1 + random.uniform()) expected.push_back(time);
    expect_times(times_of([&](Clock& c) {
                   for (const double time : expected) c.start(time * 7e9, {{c.engine.add_resource(7e9)}});
                 }),
                 expected);
  }
}

TEST(Engine, WorkWithoutAmountIsDoneAfterItsLatency) {
  expect_times(times_of([](Clock& c) {
                 c.start(0, {}, 3e-6);
                 c.start(0, {});
               }),
               {0, 3e-6});
}

TEST(Engine, TwoWorksShareAResourceFairly) {
  // Both at 50 until the shorter is done: 100/50 = 2 s; the longer has 100 left at 100: 3 s.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 c.start(100, {{link}});
                 c.start(200, {{link}});
               }),
               {2, 3});
}

TEST(Engine, SharingDoesNotDependOnLatency) {
  // Same as above from 1 s on: a long latency is no handicap in sharing.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 c.start(100, {{link}}, 1);
                 c.engine.after(Seconds(1), [&c, link] { c.start(200, {{link}}); });
               }),
               {3, 4});
}

TEST(Engine, AShareOfThreeLoadsAResourceThreeTimes) {
  // rate r takes 3r + r = 100 -> 25 each; the second is done at 50/25 = 2 s; the first then runs at 100/3 and has 100
  // left.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 c.start(150, {{link, 3}});
                 c.start(50, {{link}});
               }),
               {2, 2 + 100 / (100.0 / 3)});
}

TEST(Engine, TheNarrowestResourceOfAWorkSetsItsRate) {
  // 4 x r <= 100 and r <= 30: 25.
  expect_times(times_of([](Clock& c) {
                 const auto wide = c.engine.add_resource(100), narrow = c.engine.add_resource(30);
                 c.start(50, {{wide, 4}, {narrow}});
               }),
               {2});
}

TEST(Engine, ARateLimitLeavesTheRestToOthers) {
  // 10 and 90 per second; 900/90 = 10 s; 10 x 20 s.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 c.start(200, {{link}}, 0, 10);
                 c.start(900, {{link}});
               }),
               {10, 20});
}

TEST(Engine, ARateLimitHoldsWhenCapacityGrowsPastIt) {
  // Capacity 10 until 1 s: 10 moved. Then 100, limit 20: 90 / 20 = 4.5 s more.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(10);
                 c.start(100, {{link}}, 0, 20);
                 c.engine.after(Seconds(1), [&c, link] { c.engine.set_capacity(link, 100); });
               }),
               {5.5});
}

TEST(Engine, CapacityChangesTakeEffectAtOnce) {
  // 100 in the first second; 50/s for 2 s: 100; then 400/s: 200 left, 0.5 s.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 c.start(400, {{link}});
                 c.engine.after(Seconds(1), [&c, link] { c.engine.set_capacity(link, 50); });
                 c.engine.after(Seconds(3), [&c, link] { c.engine.set_capacity(link, 400); });
               }),
               {3.5});
}

TEST(Engine, ACancelledWorkFreesItsShareAndIsSilent) {
  // Shared for 1 s: 50 moved; then alone: 150 / 100 = 1.5 s.
  expect_times(times_of([](Clock& c) {
                 const auto link = c.engine.add_resource(100);
                 const auto cancelled = c.start(1000, {{link}});
                 c.start(200, {{link}});
                 c.engine.after(Seconds(1), [&c, cancelled] { c.engine.cancel(cancelled); });
               }),
               {2.5});
}

TEST(Engine, CancelWorksDuringLatencyTwiceAfterTheEndAndAtTheEnd) {
  const auto times = times_of([](Clock& c) {
    const auto link = c.engine.add_resource(100);
    const auto waiting = c.start(100, {{link}}, 5);
    const auto timer = c.engine.after(Seconds(5), c.record());
    const auto done = c.start(100, {{link}});
    c.engine.after(Seconds(2), [&c, waiting, timer, done] {
      for (int twice = 0; twice < 2; ++twice) {
        c.engine.cancel(waiting);
        c.engine.cancel(timer);
        c.engine.cancel(done);
      }
    });
    // Two that end together: the first to be told cancels the other.
    const auto a = c.engine.add_resource(10), b = c.engine.add_resource(10);
    auto ids = std::make_shared<std::array<WorkId, 2>>();
    const Use uses[] = {{a}, {b}};
    for (std::size_t i = 0; i < 2; ++i) {
      (*ids)[i] = c.engine.start({30, Seconds(0), {uses + i, 1}}, [&c, ids, i] {
        c.record()();
        c.engine.cancel((*ids)[1 - i]);
      });
    }
  });
  expect_times(times, {1, 3});
}

TEST(Engine, CallbacksMayStartAnything) {
  // A chain of 1,000 works of 1 ms, each begun by the one before, each with a timer of 0 s between.
  const auto times = in_child([] {
    Clock clock;
    const auto link = clock.engine.add_resource(1e9);
    int left = 1000;
    std::function<void()> next = [&] {
      if (left-- == 0) return clock.record()();
      const Use uses[] = {{link}};
      clock.engine.start({1e6, Seconds(0), uses}, [&] { clock.engine.after(Seconds(0), next); });
    };
    next();
    clock.engine.run();
    clock.times.push_back(static_cast<double>(clock.engine.statistics().work_started));
    clock.times.push_back(static_cast<double>(clock.engine.statistics().timers_fired));
    return clock.times;
  });
  expect_times(times, {1.0, 1000, 1000});
}

TEST(Engine, ACallbackMayTakeThePlaceOfTheWorkThatIsReported) {
  // A chain of 1,000 works of 1 ms, each begun in the callback of the one before: SimGrid still holds the old one, which
  // shows as a use of freed memory (valgrind, the sanitize preset) when the engine has let go of it.
  const auto times = in_child([] {
    Clock clock;
    const auto link = clock.engine.add_resource(1e9);
    int left = 1000;
    std::function<void()> next = [&] {
      if (left-- == 0) return clock.record()();
      const Use uses[] = {{link}};
      clock.engine.start({1e6, Seconds(0), uses}, next);
    };
    next();
    clock.engine.run();
    return clock.times;
  });
  expect_times(times, {1.0});
}

TEST(Engine, TheClockStopsWithTheLastEvent) {
  expect_times(in_child([] {
                 Clock clock;
                 clock.start(100, {{clock.engine.add_resource(100)}});
                 clock.engine.run();
                 return std::vector{clock.engine.now().value()};
               }),
               {1});
}

TEST(Engine, AnExceptionInACallbackEndsTheRunAndReachesTheCaller) {
  const auto caught = in_child([] {
    Clock clock;
    const auto link = clock.engine.add_resource(100);
    const Use uses[] = {{link}};
    clock.engine.start({100, Seconds(0), uses}, [] { throw std::runtime_error("rank 3 waits for rank 4"); });
    clock.start(200, {{link}});
    try {
      clock.engine.run();
    } catch (const std::runtime_error& error) {
      clock.times.push_back(std::string(error.what()) == "rank 3 waits for rank 4");
    }
    return clock.times;
  });
  EXPECT_THAT(caught, testing::ElementsAre(1));
}

TEST(Engine, ASecondEngineInOneProcessIsRefused) {
  const auto refused = in_child([] {
    const Engine first;
    try {
      const Engine second;
    } catch (const std::logic_error&) {
      return std::vector{1.0};
    }
    return std::vector{0.0};
  });
  EXPECT_THAT(refused, testing::ElementsAre(1));
}

TEST(Engine, NonsenseIsRefusedBeforeSimGridAborts) {
  const auto refusals = in_child([] {
    Engine engine;
    const auto link = engine.add_resource(1);
    const Use one[] = {{link}}, none[] = {{link, 0}}, unknown[] = {{ResourceId{7}}};
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    const std::function<void()> nonsense[] = {
        [&] { engine.add_resource(0); },
        [&] { engine.add_resource(infinity); },
        [&] { engine.set_capacity(link, -1); },
        [&] { engine.set_capacity(ResourceId{9}, 1); },
        [&] {
          engine.start({1, Seconds(-1), one}, [] {});
        },
        [&] {
          engine.start({1, Seconds(nan), one}, [] {});
        },
        [&] {
          engine.start({-1, Seconds(0), one}, [] {});
        },
        [&] {
          engine.start({infinity, Seconds(0), one}, [] {});
        },
        [&] {
          engine.start({1, Seconds(0), {}}, [] {});
        },
        [&] {
          engine.start({1, Seconds(0), none}, [] {});
        },
        [&] {
          engine.start({1, Seconds(0), unknown}, [] {});
        },
        [&] { engine.after(Seconds(-1), [] {}); },
        [&] { engine.after(Seconds(infinity), [] {}); },
    };
    std::vector<double> refused;
    for (const auto& attempt : nonsense) {
      try {
        attempt();
        refused.push_back(0);
      } catch (const std::logic_error&) {  // invalid_argument or out_of_range
        refused.push_back(1);
      }
    }
    engine.run();
    try {
      engine.add_resource(1);
      refused.push_back(0);
    } catch (const std::logic_error&) {
      refused.push_back(1);
    }
    return refused;
  });
  EXPECT_THAT(refusals, testing::AllOf(testing::SizeIs(14), testing::Each(1)));
}

TEST(Engine, SimGridSaysNothing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  times_of([](Clock& c) { c.start(1, {{c.engine.add_resource(1)}}); });
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace plenum::engine
