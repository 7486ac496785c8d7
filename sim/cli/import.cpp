// `plenum import`: what other tools wrote, as a scenario.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "analysis/preset_cluster.hpp"
#include "sim/cli/command.hpp"
#include "sim/core/files.hpp"
#include "sim/scenario/bind_trace.hpp"
#include "sim/scenario/imported_scenario.hpp"

namespace plenum::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Syntax syntax() {
  Syntax syntax{
      "plenum import KIND INPUT --cluster PRESET [options]",
      "A scenario from what another tool wrote. KIND is what INPUT is:\n"
      "  megatron    Megatron-LM's options, or a file or script that holds them\n"
      "  torchtitan  a torchtitan TOML\n"
      "  chakra      the prefix of Chakra execution traces, PREFIX.0.et, PREFIX.1.et, ...\n"
      "  simai       a SimAI workload text\n"
      "What was not understood is told on stderr; the scenario is checked whole before it is written.",
      "  plenum import megatron pretrain.sh --cluster DGX-H100 --gpus 64 --out job.json && plenum run job.json\n"
      "  plenum import torchtitan llama3_8b.toml --cluster DGX-H100 --gpus 8\n"
      "  plenum import chakra traces/llama --cluster DGX-A100 --ranks 64 --out trace.json\n",
      po::options_description("Options"),
      {"kind", "input"}};
  syntax.options.add_options()("kind", po::value<std::string>()->required(), "")(
      "input", po::value<std::string>()->required(), "")(
      "cluster", po::value<std::string>()->required()->value_name("PRESET"), "Committed cluster: plenum list clusters")(
      "gpus", po::value<std::int64_t>()->default_value(0)->value_name("N"), "GPUs of a training job, in whole nodes")(
      "ranks", po::value<std::int64_t>()->default_value(0)->value_name("N"),
      "Ranks that run a trace; 0: those recorded")("communicators", po::value<std::string>()->value_name("FILE"),
                                                   "Who is in Chakra's communicators (JSON)")(
      "out", po::value<std::string>()->default_value("-")->value_name("FILE"), "Where the scenario goes; - is stdout");
  return syntax;
}

topology::ClusterSpecification preset(const std::string& name, std::int64_t gpus) {
  Issues issues;
  const auto cluster = analysis::preset_cluster(name, gpus, issues);
  tell(issues);
  return *cluster;
}

/// Options come from a file when there is one of that name.
workload::ImportedJob read_job(const std::string& kind, const std::string& input) {
  Issues issues;
  std::error_code ignored;
  const bool in_place = kind == "megatron" && !fs::exists(input, ignored) && input.find("--") != std::string::npos;
  const auto text =
      in_place ? std::optional(input.substr(input.find("--"))) : read_whole(input, issues, json::largest_file);
  tell(issues);
  const std::string name = in_place ? "options" : input;
  auto job = kind == "megatron" ? workload::import_megatron(*text, name, issues)
                                : workload::import_torchtitan(*text, name, issues);
  tell(issues);
  return std::move(*job);
}

Json training_scenario(const std::string& kind, const po::variables_map& values) {
  auto job = read_job(kind, values["input"].as<std::string>());
  auto gpus = values["gpus"].as<std::int64_t>();
  if (gpus == 0) gpus = job.gpus;
  if (gpus <= 0) fail_usage(syntax(), "the input doesn't say on how many GPUs it runs; give --gpus");
  const auto& name = values["cluster"].as<std::string>();
  const std::int64_t node = preset(name, 1).node.gpus;
  if (gpus % node != 0)
    fail_usage(syntax(), fmt::format("{} GPUs don't fill nodes of {}, as {} has them", gpus, node, name));
  const std::int64_t nodes = gpus / node;
  workload::finish(job, gpus);
  return scenario::scenario_of(job, name, nodes);
}

/// Paths in a scenario start beside it.
std::string beside(const std::string& path, const std::string& out) {
  const fs::path folder = out == "-" ? fs::current_path() : fs::absolute(out).parent_path();
  const auto relative = fs::absolute(path).lexically_relative(folder);
  return (relative.empty() ? fs::absolute(path) : relative).string();
}

/// The trace is opened once to know on how many nodes it runs.
std::int64_t nodes_of(scenario::TraceJob job, std::int64_t gpus_per_node) {
  const json::Value nowhere;
  Issues issues;
  scenario::Complaints complaints{nowhere, issues};
  const auto trace = scenario::open_trace(job, "", complaints);
  tell(issues);
  return (trace->ranks + gpus_per_node - 1) / gpus_per_node;
}

Json trace_scenario(const std::string& kind, const po::variables_map& values) {
  const auto& out = values["out"].as<std::string>();
  scenario::TraceJob job;
  (kind == "chakra" ? job.chakra : job.simai) = values["input"].as<std::string>();
  if (values.count("communicators")) job.communicators = values["communicators"].as<std::string>();
  job.ranks = values["ranks"].as<std::int64_t>();
  const auto& name = values["cluster"].as<std::string>();
  const auto nodes = nodes_of(job, preset(name, 1).node.gpus);
  for (auto* path : {&job.chakra, &job.simai, &job.communicators})
    if (!path->empty()) *path = beside(*path, out);
  return scenario::scenario_of(job, name, nodes);
}

/// As `plenum run` will: whatever is wrong with the plan is told now.
void check(const std::string& text, const std::string& out) {
  Issues issues;
  const auto loaded = scenario::load_text(text, out == "-" ? "scenario.json" : out, {}, issues);
  if (loaded) scenario::bind(*loaded, issues);
  Issues in_order;
  in_order.add_in_order(issues);
  tell(in_order);
}

/// Megatron's options in place of INPUT look like options of this program; a space before them makes them a value.
Arguments with_input(Arguments arguments) {
  if (arguments.size() > 1 && arguments[1].starts_with("--") && arguments[1].find(' ') != std::string::npos)
    arguments[1] = fmt::format(" {}", arguments[1]);
  return arguments;
}

}  // namespace

ExitCode import(const Arguments& arguments) {
  const auto values = parse(syntax(), with_input(arguments));
  const auto& kind = values["kind"].as<std::string>();
  static const std::vector<std::string> kinds{"megatron", "torchtitan", "chakra", "simai"};
  if (std::ranges::find(kinds, kind) == kinds.end())
    fail_usage(syntax(), fmt::format("unknown kind \"{}\"{}", kind, suggestion(kind, kinds)));
  const bool trace = kind == "chakra" || kind == "simai";
  const auto scenario = trace ? trace_scenario(kind, values) : training_scenario(kind, values);
  const auto& out = values["out"].as<std::string>();
  if (!trace) check(text_of(scenario), out);
  write_json(out, scenario);
  return ExitCode::done;
}

}  // namespace plenum::cli
