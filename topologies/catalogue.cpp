// Presets: one JSON file each in topologies/catalogue/, named after the preset.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "sim/core/files.hpp"
#include "topologies/specification.hpp"

namespace plenum::topology {
namespace {

std::filesystem::path folder() { return data_root() / "topologies" / "catalogue"; }

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  std::error_code unreadable;  // then there are no presets, and whoever asks for one is told so
  for (const auto& entry : std::filesystem::directory_iterator(folder(), unreadable)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::optional<json::Value> preset(const std::string& name, const Position& where, const std::string& pointer,
                                  Issues& issues) {
  const std::vector<std::string> names = preset_names();
  if (std::ranges::find(names, name) != names.end()) return json::parse_file(folder() / (name + ".json"), issues);
  issues.error(where, pointer,
               fmt::format("unknown cluster \"{}\"{} (plenum list clusters)", name, suggestion(name, names)));
  return std::nullopt;
}

}  // namespace plenum::topology
