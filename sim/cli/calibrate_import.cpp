// `plenum calibrate import`: measurements of other programs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "calibration/import/import.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

std::string formats_text() {
  std::string text;
  for (const auto& format : calibration::import_formats) text += fmt::format("  {:14} {}\n", format.name, format.what);
  return text;
}

Syntax syntax() {
  Syntax syntax{
      "plenum calibrate import FORMAT FILE --gpu NAME --out FILE.json",
      "Brings measurements of other programs into the project's raw form (calibration/README.md). Formats:\n" +
          formats_text(),
      "  plenum calibrate import nccl-tests all_reduce.log --gpu H100-SXM --out all_reduce.json\n",
      po::options_description("Options"),
      {"format", "file"}};
  syntax.options.add_options()("format", po::value<std::string>()->required(), "")(
      "file", po::value<std::string>()->required(), "")("gpu", po::value<std::string>()->value_name("NAME")->required(),
                                                        "On which GPU it was measured")(
      "date", po::value<std::string>()->value_name("DATE"), "When it was measured, 2026-01-31; today by default")(
      "out", po::value<std::string>()->value_name("FILE")->required(), "The measurement file to be written");
  return syntax;
}

std::string today() {
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day day(now);
  return fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()), unsigned(day.day()));
}

const calibration::ImportFormat& format_of(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& format : calibration::import_formats) {
    if (format.name == name) return format;
    names.emplace_back(format.name);
  }
  fail_usage(syntax(), fmt::format("unknown format \"{}\"{}", name, suggestion(name, names)));
}

}  // namespace

ExitCode calibrate_import(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto& format = format_of(values["format"].as<std::string>());
  const auto& file = values["file"].as<std::string>();
  Issues issues;
  const auto text = read_whole(file, issues);
  tell(issues);
  auto measured = format.import(*text, file, issues);
  tell(issues);
  measured->format = calibration::measurement_format;
  measured->gpu = values["gpu"].as<std::string>();
  measured->date = values.count("date") ? values["date"].as<std::string>() : today();
  measured->source = fmt::format("{}: {}", format.name, std::filesystem::path(file).filename().string());
  measured->complete = true;
  const auto& out = values["out"].as<std::string>();
  write_whole(out, calibration::text_of(*measured));
  std::cout << fmt::format("{} times and {} facts into {}\n", measured->kernels.size(), measured->facts.size(), out);
  return ExitCode::done;
}

}  // namespace plenum::cli
