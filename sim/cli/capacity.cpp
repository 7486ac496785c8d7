// `plenum capacity`: how much a deployment can take, and how many GPUs a rate needs.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "analysis/serving_capacity.hpp"
#include "sim/cli/command.hpp"
#include "sim/core/files.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{
      "plenum capacity SCENARIO --slo OBJECTIVES [options]",
      "Searches the highest rate of requests at which a serving job keeps its objectives, by simulations; with\n"
      "--rate the plan and the number of replicas that carry a rate on the fewest GPUs. Objectives are a statistic\n"
      "(mean, p50, p90, p95, p99, max) of ttft, tpot, itl or e2e and a limit.",
      "  plenum capacity llama3-70b-h200-serving --slo \"p99 ttft <= 1 s, p99 tpot <= 50 ms\" --rate 20\n",
      po::options_description("Options"),
      {"scenario"}};
  syntax.options.add_options()("scenario", po::value<std::string>()->required(), "")(
      "slo", po::value<std::string>()->required()->value_name("OBJECTIVES"), "What must hold, with commas between")(
      "rate", po::value<double>()->default_value(0)->value_name("N"),
      "Requests per second to find the cheapest plan and cluster for")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "Change a value of the scenario; may be repeated")("json", po::value<std::string>()->value_name("FILE"),
                                                         "Write every simulated rate; - is stdout")(
      "picture", po::value<std::string>()->value_name("FILE"),
      "Draw latency against throughput and cost against latency (SVG)");
  return syntax;
}

}  // namespace

ExitCode capacity(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const double rate = values["rate"].as<double>();
  if (!values["rate"].defaulted() && !(rate > 0 && std::isfinite(rate)))
    fail_usage(syntax(), "--rate must be a number of requests per second above 0");
  check_output_names(syntax(), values, {"json", "picture"}, {values["scenario"].as<std::string>()});
  Issues issues;
  const auto objectives = analysis::parse_objectives(values["slo"].as<std::string>(), issues);
  const auto assignments = values.count("set") ? values["set"].as<std::vector<std::string>>() : Arguments{};
  auto loaded = scenario::load(values["scenario"].as<std::string>(), assignments, issues);
  tell(issues);
  const auto found = analysis::find_capacity(std::move(*loaded), objectives, rate, issues);
  tell(issues);
  if (values.count("picture")) write_whole(values["picture"].as<std::string>(), analysis::frontier_picture(found));
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  if (!json.empty()) write_json(json, analysis::to_json(found));
  if (json != "-") std::cout << analysis::to_text(found);
  return found.best() ? ExitCode::done : ExitCode::gate_not_met;
}

}  // namespace plenum::cli
