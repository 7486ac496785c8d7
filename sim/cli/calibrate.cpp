// `plenum calibrate`: device files and the curves of collectives, from recorded measurements.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "analysis/validation/collective/collective_fit.hpp"
#include "analysis/validation/collective/expert_table.hpp"
#include "calibration/device.hpp"
#include "calibration/device_file.hpp"
#include "calibration/fit/fit.hpp"
#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum calibrate fit|collectives|experts [TABLE] [--out FOLDER]",
                "Fits the curves of every device in calibration/devices to calibration/measurements and writes the\n"
                "files anew. The same measurements give the same bytes, so `git diff` afterwards shows what moved.\n"
                "`collectives` and `experts` fit the curves in calibration/collectives to a table of measurements.",
                "  plenum calibrate fit\n  plenum calibrate fit --out /tmp/devices\n"
                "  plenum calibrate collectives analysis/measurements/collectives_public.csv.zst\n"
                "  plenum calibrate experts analysis/measurements/moe_alltoall.csv.zst\n",
                po::options_description("Options"),
                {"action", "table"}};
  syntax.options.add_options()("action", po::value<std::string>()->required(), "")(
      "table", po::value<std::string>(), "")("out", po::value<std::string>()->value_name("FOLDER"),
                                             "Write there and leave the committed files alone");
  return syntax;
}

void show_progress(const std::string& device, std::size_t done, std::size_t of) {
  if (isatty(STDERR_FILENO)) std::cerr << fmt::format("\r{}/{} {}\033[K", done, of, device);
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file);
  stream << text;
  if (stream.flush()) return;
  Issues issues;
  issues.error({file.string()}, "", "can't be written");
  tell(issues);
}

/// Fits curves to a table and writes them to the committed file, or into `out`.
template <class Fit>
ExitCode calibrate_curves(Fit fit_table, const std::string& table, const std::filesystem::path& committed,
                          const std::string& out) {
  Issues issues;
  const auto fit = fit_table(table, issues);
  tell(issues);
  const auto file = out.empty() ? committed : std::filesystem::path(out) / committed.filename();
  write_text(file, to_text(fit->curves));
  std::cout << fit->report << fmt::format("written to {}\n", file.string());
  return ExitCode::done;
}

}  // namespace

ExitCode calibrate(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto& action = values["action"].as<std::string>();
  if (action != "fit" && action != "collectives" && action != "experts")
    fail_usage(syntax(),
               fmt::format("unknown action \"{}\"{}", action, suggestion(action, {"fit", "collectives", "experts"})));
  const auto folder = values.count("out") ? values["out"].as<std::string>() : "";
  const auto table = values.count("table") ? values["table"].as<std::string>() : "";
  if (action != "fit" && table.empty()) fail_usage(syntax(), fmt::format("calibrate {} needs a TABLE", action));
  if (action == "collectives")
    return calibrate_curves(analysis::fit_collectives, table, calibration::curves_file(), folder);
  if (action == "experts")
    return calibrate_curves(analysis::fit_exchanges, table, calibration::exchange_file(), folder);
  const auto devices = calibration::device_directory();
  const std::filesystem::path out = folder.empty() ? devices.string() : folder;
  std::filesystem::create_directories(out);
  Issues issues;
  calibration::fit_devices(devices, calibration::measurement_directory(), out, show_progress, issues);
  if (isatty(STDERR_FILENO)) std::cerr << "\r\033[K";
  tell(issues);
  std::cout << fmt::format("{} devices fitted into {}\n", calibration::device_names().size(), out.string());
  return ExitCode::done;
}

}  // namespace plenum::cli
