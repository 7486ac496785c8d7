// `plenum calibrate collectives|experts`: the curves of collectives from a table of measurements.
#include <fmt/format.h>

#include <iostream>

#include "analysis/validation/collective/collective_fit.hpp"
#include "analysis/validation/collective/expert_table.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

Syntax syntax(const std::string& action, const std::string& table) {
  Syntax syntax{fmt::format("plenum calibrate {} TABLE [--out FOLDER]", action),
                fmt::format("Fits the curves of {} in calibration/collectives to a table of measurements.", action),
                fmt::format("  plenum calibrate {} analysis/measurements/{}\n", action, table),
                po::options_description("Options"),
                {"table"}};
  syntax.options.add_options()("table", po::value<std::string>()->required(), "")(
      "out", po::value<std::string>()->value_name("FOLDER"), "Write there and leave the committed files alone");
  return syntax;
}

/// Fits curves to a table and writes them to the committed file, or into the folder given.
template <class Fit>
ExitCode calibrate_curves(Fit fit_table, const Syntax& syntax, const Arguments& arguments,
                          const std::filesystem::path& committed) {
  const auto values = parse(syntax, arguments);
  Issues issues;
  const auto fit = fit_table(values["table"].as<std::string>(), issues);
  tell(issues);
  const auto folder =
      values.count("out") ? std::filesystem::path(values["out"].as<std::string>()) : committed.parent_path();
  std::filesystem::create_directories(folder);
  write_whole(folder / committed.filename(), to_text(fit->curves));
  std::cout << fit->report << fmt::format("written to {}\n", (folder / committed.filename()).string());
  return ExitCode::done;
}

}  // namespace

ExitCode calibrate_collectives(const Arguments& arguments) {
  return calibrate_curves(analysis::fit_collectives, syntax("collectives", "collectives_public.csv.zst"), arguments,
                          calibration::curves_file());
}

ExitCode calibrate_experts(const Arguments& arguments) {
  return calibrate_curves(analysis::fit_exchanges, syntax("experts", "moe_alltoall.csv.zst"), arguments,
                          calibration::exchange_file());
}

}  // namespace plenum::cli
