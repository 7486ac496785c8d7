// `plenum calibrate ACTION`: measure or import, fit, check, show.
#include "sim/cli/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace plenum::cli {
namespace {

constexpr std::array<Command, 8> actions{{
    {"measure", "Measure this machine's GPU (needs one)", calibrate_measure},
    {"import", "Bring in measurements of other programs", calibrate_import},
    {"fit", "Device files from recorded measurements", calibrate_fit},
    {"collectives", "Curves of collectives from a table", calibrate_collectives},
    {"experts", "Curves of expert exchange from a table", calibrate_experts},
    {"engines", "Host times of serving engines from a table", calibrate_engines},
    {"check", "Find kernels that moved; a gate for CI", calibrate_check},
    {"show", "Draw a device: roofline, efficiency, errors", calibrate_show},
}};

std::string overview() {
  std::string text = "How long kernels take on a GPU: `plenum calibrate ACTION --help` tells more.\n";
  for (const Command& action : actions) text += fmt::format("\n  {:12} {}", action.name, action.summary);
  return text;
}

Syntax syntax() {
  return {"plenum calibrate ACTION [options]", overview(), "", po::options_description("Options"), {}};
}

std::vector<std::string> action_names() {
  std::vector<std::string> names;
  for (const Command& action : actions) names.emplace_back(action.name);
  return names;
}

}  // namespace

ExitCode calibrate(const Arguments& arguments) {
  if (arguments.empty())
    fail_usage(syntax(), "which action? measure, import, fit, collectives, experts, engines, check or show");
  const std::string& name = arguments.front();
  const auto action = std::find_if(actions.begin(), actions.end(), [&](auto& known) { return known.name == name; });
  if (action != actions.end()) return action->run({arguments.begin() + 1, arguments.end()});
  if (name == "--help" || name == "-h") parse(syntax(), arguments);
  fail_usage(syntax(), fmt::format("unknown action \"{}\"{}", name, suggestion(name, action_names())));
}

}  // namespace plenum::cli
