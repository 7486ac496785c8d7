#include "sim/datacenter/process.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace plenum::datacenter {
namespace {

Process wait_then_add(Signal& signal, int& value, int amount) {
  co_await signal;
  value += amount;
}

Process twice(Signal& first, Signal& second, int& value) {
  co_await wait_then_add(first, value, 1);
  co_await wait_then_add(second, value, 10);
}

TEST(Process, RunsUntilItWaitsAndGoesOnWhenTheSignalIsRaised) {
  Signal signal;
  int value = 0;
  const Process process = wait_then_add(signal, value, 1);
  EXPECT_FALSE(process.done());
  EXPECT_EQ(value, 0);
  signal.raise();
  EXPECT_TRUE(process.done());
  EXPECT_EQ(value, 1);
}

TEST(Process, DoesNotWaitForARaisedSignal) {
  Signal signal;
  signal.raise();
  int value = 0;
  const Process process = wait_then_add(signal, value, 1);
  EXPECT_TRUE(process.done());
}

TEST(Process, AwaitsAnotherProcess) {
  Signal first, second;
  int value = 0;
  const Process process = twice(first, second, value);
  second.raise();
  EXPECT_EQ(value, 0);
  first.raise();
  EXPECT_EQ(value, 11);
  EXPECT_TRUE(process.done());
}

TEST(Process, SignalWakesAllWaitersInTheOrderTheyCame) {
  Signal signal;
  int value = 1;
  const Process add = wait_then_add(signal, value, 2);
  const Process multiply = [](Signal& s, int& v) -> Process {
    co_await s;
    v *= 10;
  }(signal, value);
  signal.raise();
  EXPECT_EQ(value, 30);
}

TEST(Process, DestroyedWhileWaitingIsNeverResumed) {
  int value = 0;
  Signal never;
  { const Process process = wait_then_add(never, value, 1); }
  EXPECT_EQ(value, 0);
}

Process fail(Signal& signal) {
  co_await signal;
  throw std::runtime_error("broken");
}

Process wait_for_failure(Signal& signal) { co_await fail(signal); }

TEST(Process, HandsOnWhatEndedIt) {
  Signal raised, later;
  raised.raise();
  const Process at_once = wait_for_failure(raised), waiting = wait_for_failure(later);
  EXPECT_THROW(at_once.done(), std::runtime_error);
  EXPECT_FALSE(waiting.done());
  later.raise();
  EXPECT_THROW(waiting.done(), std::runtime_error);
}

}  // namespace
}  // namespace plenum::datacenter
