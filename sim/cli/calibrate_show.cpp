// `plenum calibrate show`: a page of pictures of one device.
#include <fmt/format.h>

#include <iostream>

#include "calibration/fit/fit.hpp"
#include "calibration/show/device_picture.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum calibrate show DEVICE --out FILE.svg",
                "Draws a device: roofline with the held-out measurements, efficiency against shape, residuals, errors.",
                "  plenum calibrate show H200 --out h200.svg\n",
                po::options_description("Options"),
                {"device"}};
  syntax.options.add_options()("device", po::value<std::string>()->required(), "")(
      "out", po::value<std::string>()->value_name("FILE")->required(), "The picture (SVG)");
  return syntax;
}

}  // namespace

ExitCode calibrate_show(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  Issues issues;
  const auto picture =
      calibration::device_picture(values["device"].as<std::string>(), calibration::measurement_directory(), issues);
  tell(issues);
  const auto& out = values["out"].as<std::string>();
  write_whole(out, *picture);
  std::cout << fmt::format("{}\n", out);
  return ExitCode::done;
}

}  // namespace plenum::cli
