// What the README shows is what the program says: its commands run, its answer is the answer.
#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "cli/program.hpp"

namespace plenum::testing {
namespace {
namespace fs = std::filesystem;

const std::string readme = read_file(PLENUM_REPOSITORY_ROOT "/README.md");

/// Lines "./plenum ..." of code blocks, without the program's name.
std::vector<std::string> commands() {
  std::vector<std::string> found;
  bool code = false;
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) code = !code;
    if (code && line.starts_with("./plenum ")) found.push_back(line.substr(9));
  }
  return found;
}

/// Takes minutes, needs a GPU, or is run by the gates.
bool left_to_others(const std::string& command) {
  return std::regex_search(command, std::regex("^(test|validate|capacity|calibrate (measure|fit|check))\\b"));
}

class Readme : public Program {
 protected:
  Readme() {
    for (const auto* room : {"sim", "topologies", "workloads", "calibration", "analysis"})
      fs::create_directory_symlink(fs::path(PLENUM_REPOSITORY_ROOT) / room, folder / room);
  }

  /// A comment would hide where the output goes.
  Outcome launch(std::string command) const {
    command = command.substr(0, command.find("  #"));
    if (command.starts_with("demo")) command = "run llama3-405b-16384-h100" + command.substr(4);
    return run(command);
  }
};

TEST_F(Readme, EveryCommandRuns) {
  EXPECT_GE(commands().size(), 12u);
  for (const auto& command : commands()) {
    if (left_to_others(command)) continue;
    const int expected = command.find("exit code 4") != std::string::npos ? 4 : 0;
    const auto outcome = launch(command);
    EXPECT_EQ(outcome.code, expected) << "./plenum " << command << "\n" << outcome.err;
  }
}

TEST_F(Readme, ItsAnswerIsThatOfTheDemo) {
  const auto begin = readme.find("<!-- output: ./plenum demo -->\n```\n"),
             end = readme.find("```\n<!-- end of output -->");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto first = readme.find("```\n", begin) + 4;
  EXPECT_EQ(readme.substr(first, end - first), launch("demo").out);
}

}  // namespace
}  // namespace plenum::testing
