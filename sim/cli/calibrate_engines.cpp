// `plenum calibrate engines`: what serving engines spend beside their kernels, from a table of measured runs.
#include <iostream>
#include <thread>

#include "analysis/validation/serving/host_fit.hpp"
#include "sim/cli/calibrate.hpp"
#include "sim/core/files.hpp"
#include "workloads/serving/host_times.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum calibrate engines TABLE [--engine NAME] [--out FILE]",
                "Fits the host constants of serving engines to the rows of a serving table that constants may be\n"
                "fitted on, and tells the errors on those that only check.",
                "  plenum calibrate engines analysis/measurements/serving_public.csv.zst --engine vllm\n",
                po::options_description("Options"),
                {"table"}};
  syntax.options.add_options()("table", po::value<std::string>()->required(), "")(
      "engine", po::value<std::vector<std::string>>()->composing()->value_name("NAME"), "Only this one; repeatable")(
      "rows", po::value<std::size_t>()->default_value(64)->value_name("N"), "Rows of each engine, evenly drawn")(
      "out", po::value<std::string>()->value_name("FILE"), "Write there and leave the committed file alone");
  return syntax;
}

}  // namespace

ExitCode calibrate_engines(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  analysis::HostFitOptions options;
  if (values.count("engine")) options.engines = values["engine"].as<std::vector<std::string>>();
  options.rows = values["rows"].as<std::size_t>();
  options.processes = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Issues issues;
  const auto say = [](std::string_view line) { std::cerr << line << '\n'; };
  const auto fit = analysis::fit_host_times(values["table"].as<std::string>(), options, say, issues);
  tell(issues);
  const auto file = values.count("out") ? values["out"].as<std::string>() : workload::host_times_file().string();
  write_whole(file, fit->times);
  std::cout << fit->report << "written to " << file << '\n';
  return ExitCode::done;
}

}  // namespace plenum::cli
