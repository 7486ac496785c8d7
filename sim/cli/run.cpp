// `plenum run`: a scenario simulated, explained and written down.
#include <iostream>
#include <nlohmann/json.hpp>

#include "analysis/congestion.hpp"
#include "analysis/report/application_report.hpp"
#include "analysis/report/reinforcement_report.hpp"
#include "analysis/report/report.hpp"
#include "analysis/report/serving_report.hpp"
#include "analysis/report/timeline_picture.hpp"
#include "analysis/step_distribution.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/core/files.hpp"
#include "sim/datacenter/simulation.hpp"
#include "workloads/serving/request_file.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{"plenum run SCENARIO [options]",
                "Simulates a scenario: a JSON file, or a name that `plenum list scenarios` shows. Prints a summary;\n"
                "nothing is written unless the whole run went well.",
                "  plenum run llama3-405b-16384-h100\n"
                "  plenum run my.json --set /jobs/0/training/plan/recompute=full --json result.json\n"
                "  plenum run my.json --trace trace.json      (open it on https://ui.perfetto.dev)\n",
                po::options_description("Options"),
                {"scenario"}};
  syntax.options.add_options()("scenario", po::value<std::string>()->required(), "")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "Change a value of the scenario; may be repeated")("json", po::value<std::string>()->value_name("FILE"),
                                                         "Write the full result; - is stdout, without the summary")(
      "trace", po::value<std::string>()->value_name("FILE"), "Write a timeline for Perfetto or chrome://tracing")(
      "picture", po::value<std::string>()->value_name("FILE"),
      "Draw the first training job's step, a row per stage, the phases of the first reinforcement job's step, what "
      "requests of the first application wait for, or the first serving job's fleet over time (SVG)")(
      "fleet", po::value<std::string>()->value_name("FILE"), "Write the first serving job's fleet over time (CSV)")(
      "requests", po::value<std::string>()->value_name("FILE"),
      "Write every request of the first application, or of the first serving job (CSV)")(
      "distribution", po::bool_switch(), "Percentiles of training steps as well: GPUs are not equally fast")(
      "fold", po::value<std::string>()->default_value("on")->value_name("on|off"),
      "Simulate one representative of all that is alike")(
      "seed", po::value<std::int64_t>()->default_value(0)->value_name("N"), "Of all random streams");
  return syntax;
}

std::uint64_t seed_of(const po::variables_map& values) {
  const auto seed = values["seed"].as<std::int64_t>();
  if (seed < 0) fail_usage(syntax(), "--seed must be at least 0");
  return static_cast<std::uint64_t>(seed);
}

datacenter::Options options_of(const po::variables_map& values) {
  return {.fold = parse_switch(syntax(), "--fold", values["fold"].as<std::string>()),
          .timeline = values.count("trace") + values.count("picture") > 0,
          .seed = seed_of(values)};
}

std::unique_ptr<scenario::Bound> bind_named(const po::variables_map& values) {
  Issues issues;
  const auto assignments = values.count("set") ? values["set"].as<std::vector<std::string>>() : Arguments{};
  const auto loaded = scenario::load(values["scenario"].as<std::string>(), assignments, issues);
  auto bound = loaded ? scenario::bind(*loaded, issues) : nullptr;
  Issues in_order;
  in_order.add_in_order(issues);
  tell(in_order);
  return bound;
}

datacenter::Result simulated(const scenario::Bound& bound, datacenter::Options options) {
  Progress progress;
  options.progress = [&progress](datacenter::Advance advance) { progress(advance.done, advance.of); };
  try {
    return datacenter::simulate(bound, options);
  } catch (const datacenter::SimulationFailed& failure) {
    std::cerr << "plenum: error: the simulation failed: " << failure.what() << "\n";
    throw Exit{ExitCode::simulation_failed};
  } catch (const workload::InvalidRequest& invalid) {
    std::cerr << to_string(invalid.issue) << "\n";
    throw Exit{ExitCode::invalid_input};
  }
}

/// Of the first job that has one.
std::string picture_of(const scenario::Bound& bound, const datacenter::Result& result,
                       const std::vector<analysis::TrainingMetrics>& metrics) {
  if (!bound.training.empty()) return analysis::timeline_picture(bound, result.training.front(), metrics.front());
  if (bound.reinforcement.empty() && !bound.applications.empty())
    return analysis::application_picture(bound.applications.front(), result.applications.front());
  if (bound.reinforcement.empty()) return analysis::fleet_picture(bound.serving.front(), result.serving.front());
  const auto& job = bound.reinforcement.front();
  const auto& step = result.reinforcement.front();
  return analysis::reinforcement_picture(bound, job, step, analysis::measure(bound, job, step));
}

std::string requests_of(const scenario::Bound& bound, const datacenter::Result& result) {
  if (bound.applications.empty()) return analysis::request_csv(bound.serving.front(), result.serving.front());
  return analysis::application_csv(bound.applications.front(), result.applications.front());
}

/// Traces show steps of training and reinforcement learning, lists of requests and fleets serving jobs.
void check_outputs(const po::variables_map& values, const scenario::Bound& bound) {
  const bool steps = !bound.training.empty() || !bound.reinforcement.empty();
  if (!steps && values.count("trace") > 0)
    fail_usage(syntax(), "--trace shows training steps; this scenario has no training job");
  const bool requests = !bound.serving.empty() || !bound.applications.empty();
  if (!steps && !requests && values.count("picture") > 0)
    fail_usage(syntax(), "--picture shows training and serving jobs and applications; this scenario has none");
  if (bound.serving.empty() && values.count("fleet") > 0)
    fail_usage(syntax(), "--fleet needs a scenario with a serving job");
  if (!requests && values.count("requests") > 0)
    fail_usage(syntax(), "--requests needs a scenario with a serving job or an application");
}

}  // namespace

ExitCode run(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto options = options_of(values);
  check_output_names(syntax(), values, {"json", "trace", "picture", "fleet", "requests"},
                     {values["scenario"].as<std::string>()});
  const auto bound = bind_named(values);
  check_outputs(values, *bound);
  std::vector<analysis::StepDistribution> distributions;
  if (values["distribution"].as<bool>()) distributions = analysis::step_distributions(*bound, options);
  const auto idle = analysis::times_on_idle_fabric(*bound, options.fold);
  const auto result = simulated(*bound, options);
  add_means(distributions, result);
  const auto congestion = analysis::congestion(result, idle);

  std::vector<analysis::TrainingMetrics> metrics;
  for (std::size_t job = 0; job < bound->training.size(); ++job)
    metrics.push_back(analysis::measure(*bound, bound->training[job], result.training[job]));
  std::vector<analysis::ServingMetrics> serving;
  for (std::size_t job = 0; job < bound->serving.size(); ++job)
    serving.push_back(analysis::measure(*bound, bound->serving[job], result.serving[job]));

  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  std::vector<Output> outputs;
  const auto add = [&](const char* option, const auto& content) {
    if (values.count(option)) outputs.push_back({values[option].as<std::string>(), content()});
  };
  add("trace", [&] { return analysis::chrome_trace(*bound, result); });
  add("picture", [&] { return picture_of(*bound, result, metrics); });
  add("requests", [&] { return requests_of(*bound, result); });
  add("fleet", [&] { return analysis::fleet_csv(result.serving.front()); });
  auto document =
      json.empty() ? nlohmann::ordered_json() : analysis::to_json(*bound, result, metrics, serving, options.seed);
  for (const auto& distribution : distributions)
    if (!json.empty()) document["step_distributions"].push_back(to_json(distribution));
  if (!json.empty() && !congestion.empty()) document["collectives"] = analysis::to_json(*bound, congestion);
  if (!json.empty() && json != "-") outputs.push_back({json, text_of(document)});
  write_whole(outputs);
  if (json == "-") std::cout << text_of(document);
  if (json != "-")
    std::cout << analysis::summary(*bound, result, metrics, serving, colour_wanted())
              << analysis::to_text(distributions);
  if (json != "-" && !congestion.empty()) std::cout << analysis::to_text(*bound, result, congestion);
  return ExitCode::done;
}

}  // namespace plenum::cli
