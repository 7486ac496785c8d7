// `plenum schema`: the JSON schema of scenarios, generated from the table that reads them.
#include <nlohmann/json.hpp>

#include "sim/cli/command.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum schema [--out FILE]",
                "JSON schema (draft 2020-12) of scenario files, so that editors complete and check them.\n"
                "The repository keeps it as sim/scenario/scenario.schema.json.",
                "  plenum schema\n  plenum schema --out sim/scenario/scenario.schema.json\n",
                po::options_description("Options"),
                {}};
  syntax.options.add_options()("out", po::value<std::string>()->default_value("-")->value_name("FILE"),
                               "Write it to FILE; - is stdout");
  return syntax;
}

}  // namespace

ExitCode schema(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  scenario::Scenario example;
  write_json(values["out"].as<std::string>(),
             schema_of([&](Fields& fields) { describe(fields, example); }, "Plenum scenario"));
  return ExitCode::done;
}

}  // namespace plenum::cli
