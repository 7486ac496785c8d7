// The house's arrows: which room may include which. A source that breaks them is named with its line.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace plenum::architecture {

using Rooms = std::set<std::string>;

/// Every room and what it may include besides itself.
inline const std::map<std::string, Rooms>& permitted() {
  static const Rooms below_scenario{"sim/core", "topologies", "workloads", "calibration"};
  static const Rooms below_datacenter{"sim/core",    "topologies",   "workloads",
                                      "calibration", "sim/scenario", "sim/engine"};
  static const Rooms below_analysis{"sim/core",     "topologies", "workloads",     "calibration",
                                    "sim/scenario", "sim/engine", "sim/datacenter"};
  static const Rooms below_cli{"sim/core",     "topologies", "workloads",      "calibration",
                               "sim/scenario", "sim/engine", "sim/datacenter", "analysis"};
  static const std::map<std::string, Rooms> rules{
      {"sim/core", {}},
      {"topologies", {"sim/core"}},
      {"workloads", {"sim/core"}},
      {"calibration", {"sim/core"}},
      {"sim/engine", {"sim/core"}},
      {"sim/scenario", below_scenario},
      {"sim/datacenter", below_datacenter},
      {"analysis", below_analysis},
      {"sim/cli", below_cli},
  };
  return rules;
}

/// Room that a path below the repository's root belongs to.
inline std::optional<std::string> room_of(const std::string& path) {
  for (const auto& [room, rooms] : permitted())
    if (path.starts_with(room + "/")) return room;
  return std::nullopt;
}

struct Include {
  std::string target;
  bool quoted = false;  ///< "..." rather than <...>
  int line = 0;
};

inline std::vector<Include> includes_of(const std::string& source) {
  std::vector<Include> found;
  std::istringstream lines(source);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    auto at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '#') continue;
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string::npos || line.compare(at, 7, "include") != 0) continue;
    const auto open = line.find_first_of("\"<", at);
    if (open == std::string::npos) continue;
    const bool quoted = line[open] == '"';
    const auto close = line.find(quoted ? '"' : '>', open + 1);
    found.push_back({line.substr(open + 1, close - open - 1), quoted, number});
  }
  return found;
}

inline bool is_simgrid(const std::string& target) {
  return target.starts_with("simgrid/") || target.starts_with("xbt/");
}

/// What is wrong with one include of `path`, or nothing.
inline std::optional<std::string> complaint(const std::string& path, const std::string& room, const Include& include) {
  if (is_simgrid(include.target)) {
    if (path == "sim/engine/engine.cpp") return std::nullopt;
    return "SimGrid is included in sim/engine/engine.cpp only";
  }
  const auto target = room_of(include.target);
  if (!target && include.quoted) return "is not named from the repository's root";
  if (!target || *target == room || permitted().at(room).contains(*target)) return std::nullopt;
  return "arrow from " + room + " to " + *target + " does not point down";
}

/// "path:line: include: what is wrong" for every include of a source that breaks the rules.
inline std::vector<std::string> violations(const std::string& path, const std::string& source) {
  const auto room = room_of(path);
  if (!room) return {path + ": belongs to no room"};
  std::vector<std::string> found;
  for (const auto& include : includes_of(source))
    if (const auto wrong = complaint(path, *room, include))
      found.push_back(path + ":" + std::to_string(include.line) + ": " + include.target + ": " + *wrong);
  return found;
}

}  // namespace plenum::architecture
