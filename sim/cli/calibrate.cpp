// `plenum calibrate`: device files and the curves of collectives, from recorded measurements.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "analysis/validation/collective/collective_fit.hpp"
#include "calibration/device.hpp"
#include "calibration/device_file.hpp"
#include "calibration/fit/fit.hpp"
#include "sim/cli/command.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum calibrate fit [--out FOLDER] | plenum calibrate collectives TABLE [--out FOLDER]",
                "Fits the curves of every device in calibration/devices to calibration/measurements and writes the\n"
                "files anew. The same measurements give the same bytes, so `git diff` afterwards shows what moved.\n"
                "`collectives` fits calibration/collectives/curves.json to a table of measured collectives.",
                "  plenum calibrate fit\n  plenum calibrate fit --out /tmp/devices\n"
                "  plenum calibrate collectives analysis/measurements/collectives_public.csv.zst\n",
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

ExitCode calibrate_collectives(const std::string& table, const std::string& out) {
  Issues issues;
  const auto fit = analysis::fit_collectives(table, issues);
  tell(issues);
  const auto file = out.empty() ? calibration::curves_file() : std::filesystem::path(out) / "curves.json";
  if (!out.empty()) std::filesystem::create_directories(out);
  std::ofstream stream(file);
  stream << calibration::to_text(fit->curves);
  if (!stream.flush()) {
    issues.error({file.string()}, "", "can't be written");
    tell(issues);
  }
  std::cout << fit->report << fmt::format("{} curves fitted into {}\n", fit->curves.links.size(), file.string());
  return ExitCode::done;
}

}  // namespace

ExitCode calibrate(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto& action = values["action"].as<std::string>();
  const auto folder = values.count("out") ? values["out"].as<std::string>() : "";
  if (action == "collectives") {
    if (!values.count("table")) fail_usage(syntax(), "calibrate collectives needs a TABLE");
    return calibrate_collectives(values["table"].as<std::string>(), folder);
  }
  if (action != "fit")
    fail_usage(syntax(), fmt::format("unknown action \"{}\"{}", action, suggestion(action, {"fit", "collectives"})));
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
