// Arrows point down only: every include of every source is read.
#include "architecture/include_rules.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace plenum::architecture {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::filesystem::path root = PLENUM_REPOSITORY_ROOT;

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> sources() {
  static const std::set<std::string> extensions{".hpp", ".cpp", ".h", ".cu", ".cuh"};
  std::vector<std::filesystem::path> found;
  for (const auto* folder : {"sim", "topologies", "workloads", "calibration", "analysis"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
      if (extensions.contains(entry.path().extension())) found.push_back(entry.path());
  return found;
}

TEST(Architecture, EveryArrowPointsDown) {
  for (const auto& file : sources())
    EXPECT_THAT(violations(file.lexically_relative(root).generic_string(), read(file)), IsEmpty());
}

TEST(Architecture, SourcesAreFound) { EXPECT_THAT(sources(), Contains(root / "sim/engine/engine.hpp")); }

TEST(IncludeRules, DownIsAllowed) {
  EXPECT_THAT(violations("analysis/cost.cpp", "#include <vector>\n#include \"sim/datacenter/result.hpp\"\n"),
              IsEmpty());
  EXPECT_THAT(violations("sim/engine/engine.cpp", "#include <simgrid/s4u.hpp>\n#include <xbt/log.h>\n"), IsEmpty());
}

TEST(IncludeRules, UpIsNot) {
  EXPECT_THAT(
      violations("sim/core/json.cpp", "\n  #  include \"analysis/report.hpp\"\n"),
      ElementsAre("sim/core/json.cpp:2: analysis/report.hpp: arrow from sim/core to analysis does not point down"));
}

TEST(IncludeRules, SiblingsAreStrangers) {
  EXPECT_THAT(violations("workloads/step.cpp", "#include <calibration/device.hpp>\n"),
              ElementsAre("workloads/step.cpp:1: calibration/device.hpp: "
                          "arrow from workloads to calibration does not point down"));
  EXPECT_FALSE(violations("sim/scenario/bind.cpp", "#include \"sim/engine/engine.hpp\"\n").empty());
}

TEST(IncludeRules, SimGridStaysBehindItsDoor) {
  EXPECT_THAT(
      violations("sim/engine/folding.cpp", "#include <simgrid/s4u.hpp>\n"),
      ElementsAre("sim/engine/folding.cpp:1: simgrid/s4u.hpp: SimGrid is included in sim/engine/engine.cpp only"));
}

TEST(IncludeRules, NamesStartAtTheRoot) {
  EXPECT_FALSE(violations("sim/core/json.cpp", "#include \"json.hpp\"\n").empty());
  EXPECT_THAT(violations("sim/extra.cpp", ""), ElementsAre("sim/extra.cpp: belongs to no room"));
}

}  // namespace
}  // namespace plenum::architecture
