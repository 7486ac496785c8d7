// `plenum calibrate check`: which kernels moved, and a gate.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "calibration/drift/drift.hpp"
#include "calibration/fit/fit.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

using calibration::Drift;

Syntax syntax() {
  Syntax syntax{
      "plenum calibrate check BASELINE [NEW] [options]",
      "Which kernels moved. BASELINE and NEW are measurement files of one GPU: a rank test finds kernels whose\n"
      "repetitions (nine or more) differ. A folder of several runs as BASELINE is better: kernels differ between\n"
      "runs as well, and one moved when it did against each. Without NEW, BASELINE is a device file or a folder\n"
      "of them, and each is compared with a new fit of its recorded measurements. Exit code 4 when something moved.",
      "  plenum calibrate check calibration/devices\n"
      "  plenum calibrate check baseline/ today.json --fail-above 3% --junit drift.xml\n",
      po::options_description("Options"),
      {"baseline", "new"}};
  syntax.options.add_options()("baseline", po::value<std::string>()->required(), "")(
      "new", po::value<std::string>(), "")("fail-above",
                                           po::value<std::string>()->value_name("PERCENT")->default_value("3%"),
                                           "A kernel moved when its time changed by this much, in either direction")(
      "json", po::value<std::string>()->value_name("FILE"), "Write every kernel's change (- is stdout)")(
      "junit", po::value<std::string>()->value_name("FILE"), "Write a JUnit report for a CI server");
  return syntax;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& baseline) {
  if (!std::filesystem::is_directory(baseline)) return {baseline};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(baseline))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Drift> against_new_fit(const std::filesystem::path& baseline, double limit, Issues& issues) {
  std::vector<Drift> all;
  for (const auto& path : files_of(baseline)) {
    const auto committed = calibration::read_device_file(path, issues);
    if (!committed || !committed->fitted) continue;
    const auto text = calibration::fit_device(path, calibration::measurement_directory(), issues);
    const auto fitted = text ? calibration::read_device_text(*text, path.string(), issues) : std::nullopt;
    if (!fitted) continue;
    for (Drift& drift : calibration::drift_between(*committed->fitted, *fitted->fitted, limit)) {
      drift.kernel = committed->name + " " + drift.kernel;
      all.push_back(std::move(drift));
    }
  }
  return all;
}

std::vector<Drift> between_measurements(const std::string& earlier, const std::string& later, double limit,
                                        Issues& issues) {
  std::vector<calibration::MeasurementFile> runs;
  for (const auto& path : files_of(earlier))
    if (auto run = calibration::read_measurement_file(path, issues)) runs.push_back(std::move(*run));
  const auto after = calibration::read_measurement_file(later, issues);
  if (runs.empty() && !issues.has_errors()) issues.error({earlier, 0, 0}, "", "no measurement files (*.json) here");
  return after ? calibration::drift_between(runs, *after, limit, issues) : std::vector<Drift>{};
}

}  // namespace

ExitCode calibrate_check(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const double limit = parse_percentage(syntax(), "--fail-above", values["fail-above"].as<std::string>());
  const auto& baseline = values["baseline"].as<std::string>();
  Issues issues;
  const auto drifts = values.count("new")
                          ? between_measurements(baseline, values["new"].as<std::string>(), limit, issues)
                          : against_new_fit(baseline, limit, issues);
  tell(issues);
  if (values.count("json")) write_json(values["json"].as<std::string>(), calibration::to_json(drifts, limit));
  if (values.count("junit")) write_whole(values["junit"].as<std::string>(), calibration::to_junit(drifts, limit));
  std::cout << calibration::to_text(drifts, limit);
  if (!calibration::any_moved(drifts)) return ExitCode::done;
  std::cerr << fmt::format("plenum: gate not met: kernels moved by {:.2g} % or more\n", 100 * limit);
  return ExitCode::gate_not_met;
}

}  // namespace plenum::cli
