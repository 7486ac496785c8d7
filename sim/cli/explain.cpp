// `plenum explain`: what a field of a scenario means, from the same table that reads it.
#include <fmt/format.h>

#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum explain POINTER",
                "Meaning, kind, unit, bounds and default of the scenario field at a JSON pointer; \"/\" is the whole.",
                "  plenum explain /\n  plenum explain /cluster/fabric/spine_oversubscription\n"
                "  plenum explain /jobs/0/training/plan/recompute\n",
                po::options_description("Options"),
                {"pointer"}};
  syntax.options.add_options()("pointer", po::value<std::string>()->required(), "");
  return syntax;
}

}  // namespace

ExitCode explain(const Arguments& arguments) {
  auto pointer = parse(syntax(), arguments)["pointer"].as<std::string>();
  if (pointer == "/") pointer.clear();
  scenario::Scenario example;
  const auto text = explain_field([&](Fields& fields) { describe(fields, example); }, pointer);
  if (!text) fail_usage(syntax(), fmt::format("a scenario has no field {} (plenum explain / lists them)", pointer));
  std::cout << *text;
  if (!text->ends_with('\n')) std::cout << "\n";
  return ExitCode::done;
}

}  // namespace plenum::cli
