// `plenum calibrate measure`: runs the CUDA microbenchmarks, where there is a GPU and they were built.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/cli/calibrate.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{
      "plenum calibrate measure --out FILE.json [--full] [--only SUITE|FORMAT...]",
      "Times kernels on this machine's GPU: about three minutes, with --full a quarter of an hour. A run that was cut\n"
      "short goes on where it stopped when it is started again with the same file. The card's settings are not "
      "touched.",
      "  plenum calibrate measure --out calibration/measurements/H200-SXM/2026-01-31.json\n"
      "  plenum calibrate measure --out products.json --full --only products bf16 fp8\n",
      po::options_description("Options"),
      {}};
  syntax.options.add_options()("out", po::value<std::string>()->value_name("FILE")->required(),
                               "The measurement file, new or to be continued")("full", po::bool_switch(),
                                                                               "All shapes instead of the quick set")(
      "only", po::value<std::vector<std::string>>()->multitoken()->value_name("NAME...")->default_value({}, ""),
      "Only these suites (power, launches, memory, decode, experts, attention, products, grouped, collectives, "
      "overlap) and formats of products (bf16, fp8, ...)")(
      "device", po::value<int>()->value_name("N")->default_value(0), "Which GPU, as CUDA counts them");
  return syntax;
}

/// The benchmarks are built beside the program: build/.../sim/cli/plenum, build/.../calibration/microbench/.
std::filesystem::path microbench() {
  std::error_code unreadable;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  return program.parent_path().parent_path().parent_path() / "calibration" / "microbench" / "plenum_microbench";
}

ExitCode refuse(const std::string& why) {
  std::cerr << "plenum: error: " << why << "\n";
  return ExitCode::no_calibration;
}

}  // namespace

ExitCode calibrate_measure(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  if (!std::filesystem::exists("/dev/nvidiactl"))
    return refuse(
        "no NVIDIA GPU here (/dev/nvidiactl is missing); measure on a machine that has one, or bring in measurements "
        "of other programs with \"plenum calibrate import\"");
  const auto program = microbench();
  if (!std::filesystem::exists(program))
    return refuse(
        fmt::format("the microbenchmarks are not built ({} is missing); install the CUDA Toolkit and run "
                    "\"cmake --preset release -DPLENUM_MICROBENCH=ON && cmake --build --preset release\"",
                    program.string()));
  const std::string out = values["out"].as<std::string>(), device = std::to_string(values["device"].as<int>());
  const char* set = values["full"].as<bool>() ? "full" : "quick";
  std::vector<std::string> words{program.string(), out, set, device};
  std::ranges::copy(values["only"].as<std::vector<std::string>>(), std::back_inserter(words));
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  execv(program.c_str(), raw.data());
  return refuse(fmt::format("cannot run {}", program.string()));
}

}  // namespace plenum::cli
