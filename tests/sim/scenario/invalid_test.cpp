// Every file in invalid/ is refused with exactly the messages that NAME.expected holds, one per line. To accept new
// messages after reading them: PLENUM_ACCEPT=1 ctest -R Invalid
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sim/core/files.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::scenario {
namespace {
namespace fs = std::filesystem;

const fs::path folder = fs::path(PLENUM_TEST_ROOT) / "invalid";

std::vector<std::string> invalid_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

/// All messages, with files named as seen from the test's folder or from the repository.
std::string messages_for(const std::string& name) {
  fs::current_path(folder);
  Issues issues;
  const auto loaded = load(name + ".json", {}, issues);
  const auto bound = loaded ? bind(*loaded, issues) : nullptr;
  EXPECT_EQ(bound, nullptr);
  Issues in_order;
  in_order.add_in_order(issues);
  std::string text;
  for (const auto& issue : in_order.all()) text += to_string(issue) + "\n";
  const std::string root = PLENUM_REPOSITORY_ROOT "/";
  for (auto at = text.find(root); at != text.npos; at = text.find(root)) text.erase(at, root.size());
  return text;
}

class Invalid : public testing::TestWithParam<std::string> {};

TEST_P(Invalid, IsRefusedInTheseWords) {
  const std::string messages = messages_for(GetParam());
  EXPECT_NE(messages.find("error: "), messages.npos);
  const fs::path expected = folder / (GetParam() + ".expected");
  if (std::getenv("PLENUM_ACCEPT")) write_whole(expected, messages);
  Issues issues;
  EXPECT_EQ(messages, read_whole(expected, issues).value_or("(no file of expected messages)"));
}

INSTANTIATE_TEST_SUITE_P(Files, Invalid, testing::ValuesIn(invalid_names()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(InvalidFiles, AreAtLeastAHundred) { EXPECT_GE(invalid_names().size(), 100u); }

}  // namespace
}  // namespace plenum::scenario
