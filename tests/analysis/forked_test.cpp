#include "analysis/forked.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace plenum::analysis {
namespace {

const auto silent = [](std::size_t, std::size_t) {};

TEST(Forked, ResultsKeepTheirOrder) {
  const auto task = [](std::size_t i) { return std::string(i * 10000, 'x') + std::to_string(i); };
  const auto results = run_forked(20, task, silent, {.processes = 3});
  ASSERT_EQ(results.size(), 20u);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].output, task(i));  // longer than a pipe holds
    EXPECT_EQ(results[i].failure, "");
  }
}

TEST(Forked, EveryTaskHasItsOwnProcess) {
  const auto results = run_forked(4, [](std::size_t) { return std::to_string(getpid()); }, silent, {.processes = 2});
  for (std::size_t i = 1; i < results.size(); ++i) EXPECT_NE(results[i].output, results[i - 1].output);
}

TEST(Forked, ACrashIsOneMissingResult) {
  const auto task = [](std::size_t i) -> std::string {
    if (i == 1) raise(SIGKILL);
    if (i == 2) throw std::runtime_error("expected here");
    return "fine";
  };
  const auto results = run_forked(4, task, silent, {.processes = 2});
  EXPECT_EQ(results[0].output, "fine");
  EXPECT_EQ(results[1].failure, "the process ended with signal 9");
  EXPECT_EQ(results[2].failure, "the process ended with status 1");
  EXPECT_EQ(results[3].output, "fine");
}

TEST(Forked, ATaskThatHangsIsEnded) {
  const auto results = run_forked(1,
                                  [](std::size_t) -> std::string {
                                    for (;;) pause();
                                  },
                                  silent, {.seconds = 1});
  EXPECT_EQ(results[0].failure, "no result within 1 s");
}

TEST(Forked, ProgressCountsToTheEnd) {
  std::vector<std::size_t> seen;
  run_forked(
      3, [](std::size_t) { return std::string(); },
      [&](std::size_t done, std::size_t of) {
        seen.push_back(done);
        EXPECT_EQ(of, 3u);
      },
      {.processes = 3});
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2, 3}));
}

}  // namespace
}  // namespace plenum::analysis
