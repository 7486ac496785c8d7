// `plenum calibrate fit`: device files from recorded measurements.
#include <fmt/format.h>

#include <iostream>

#include "calibration/device.hpp"
#include "calibration/device_file.hpp"
#include "calibration/fit/fit.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/cli/progress.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum calibrate fit [--out FOLDER]",
                "Fits the curves of every device in calibration/devices to calibration/measurements and writes the\n"
                "files anew. The same measurements give the same bytes, so `git diff` afterwards shows what moved.",
                "  plenum calibrate fit\n  plenum calibrate fit --out /tmp/devices\n",
                po::options_description("Options"),
                {}};
  syntax.options.add_options()("out", po::value<std::string>()->value_name("FOLDER"),
                               "Write there and leave the committed files alone");
  return syntax;
}

}  // namespace

ExitCode calibrate_fit(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto devices = calibration::device_directory();
  const std::filesystem::path out = values.count("out") ? values["out"].as<std::string>() : devices.string();
  std::filesystem::create_directories(out);
  Issues issues;
  Progress progress;
  const auto show = [&progress](const std::string& device, std::size_t done, std::size_t of) {
    progress(done, of, device);
  };
  calibration::fit_devices(devices, calibration::measurement_directory(), out, show, issues);
  progress.clear();
  tell(issues);
  std::cout << fmt::format("{} devices fitted into {}\n", calibration::device_names().size(), out.string());
  return ExitCode::done;
}

}  // namespace plenum::cli
