// `plenum compare`: two results side by side, with a gate.
#include "analysis/compare.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <optional>

#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum compare A.json B.json [options]",
                "What changed from one result of `plenum run --json` to another, for jobs of the same name.",
                "  plenum compare before.json after.json\n"
                "  plenum compare before.json after.json --fail-above 2%\n",
                po::options_description("Options"),
                {"a", "b"}};
  syntax.options.add_options()("a", po::value<std::string>()->required(), "")("b", po::value<std::string>()->required(),
                                                                              "")(
      "fail-above", po::value<std::string>()->value_name("PERCENT"),
      "Exit with 4 when a time, rate, memory, cost or energy of a job differs by more, in either direction; of serving "
      "jobs the times to the first and per token, throughput, energy and cost of tokens");
  return syntax;
}

}  // namespace

ExitCode compare(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  std::optional<double> limit;
  if (values.count("fail-above"))
    limit = parse_percentage(syntax(), "--fail-above", values["fail-above"].as<std::string>());
  Issues issues;
  const auto before = json::parse_file(values["a"].as<std::string>(), issues);
  const auto after = json::parse_file(values["b"].as<std::string>(), issues);
  tell(issues);
  const auto changes = analysis::compare(*before, *after, issues);
  tell(issues);
  std::cout << analysis::to_text(changes);
  const auto* change = analysis::largest_change(changes);
  if (!limit || !change || std::abs(change->relative()) <= *limit) return ExitCode::done;
  std::cerr << fmt::format("plenum: gate not met: {} of job \"{}\" changed by {:+.2f} %, more than {:.2f} %\n",
                           change->quantity, change->job, 100 * change->relative(), 100 * *limit);
  return ExitCode::gate_not_met;
}

}  // namespace plenum::cli
