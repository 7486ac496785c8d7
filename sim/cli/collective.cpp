// `plenum collective`: time of one collective over sizes, as nccl-tests prints it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "analysis/collective_sweep.hpp"
#include "analysis/expert_sweep.hpp"
#include "sim/cli/cluster_argument.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/core/units.hpp"
#include "sim/scenario/collective_job.hpp"
#include "topologies/specification.hpp"

namespace plenum::cli {
namespace {

Syntax syntax() {
  Syntax syntax{
      "plenum collective --cluster FILE|PRESET --gpus N [options]",
      "One collective over the first N GPUs of a cluster, or over --group, on an idle fabric: a cluster file (the\n"
      "\"cluster\" of a scenario), or a preset that `plenum list clusters` shows. SIZE is one size or a range that "
      "doubles.\n"
      "Without --algorithm and --protocol, they are what NCCL's cost model picks. An expert_exchange is DeepEP's\n"
      "dispatch of tokens to their experts, and the way back.",
      "  plenum collective --cluster DGX-H100 --gpus 1024 --op all_reduce --size 1GiB\n"
      "  plenum collective --cluster DGX-H100 --gpus 64 --op all_gather --size 1MiB..1GiB --json points.json\n"
      "  plenum collective --cluster DGX-H100 --gpus 32 --group 0-7,24-31 --algorithm ring --protocol simple\n"
      "  plenum collective --cluster DGX-H100 --gpus 32 --op expert_exchange --tokens 128..4096 --mode normal\n",
      po::options_description("Options"),
      {}};
  syntax.options.add_options()("cluster", po::value<std::string>()->required()->value_name("FILE|PRESET"),
                               "The cluster")("gpus", po::value<std::int64_t>()->required()->value_name("N"),
                                              "GPUs that take part, at least 2")(
      "op", po::value<std::string>()->default_value("all_reduce")->value_name("NAME"),
      "all_reduce, all_gather, reduce_scatter, broadcast, reduce, all_to_all, send_receive, barrier or\n"
      "expert_exchange")("algorithm", po::value<std::string>()->value_name("NAME"),
                         "ring, tree, nvls, nvls_tree, pat, direct, halving_doubling, hierarchical or collnet")(
      "protocol", po::value<std::string>()->value_name("NAME"), "ll, ll128 or simple")(
      "group", po::value<std::string>()->value_name("GPUS"), "Those that take part, of the N: \"0-7,16\"")(
      "size", po::value<std::string>()->default_value("1MiB..1GiB")->value_name("SIZE"), "\"1GiB\" or \"1MiB..1GiB\"")(
      "tokens", po::value<std::string>()->default_value("128")->value_name("N"),
      "expert_exchange: tokens per GPU, \"128\" or \"128..4096\"")(
      "hidden", po::value<std::int64_t>()->default_value(7168)->value_name("N"), "expert_exchange: values of a token")(
      "top-k", po::value<std::int64_t>()->default_value(8)->value_name("N"), "expert_exchange: experts of a token")(
      "mode", po::value<std::string>()->default_value("low_latency")->value_name("NAME"),
      "expert_exchange: low_latency, or normal: once per node, and from there on")(
      "fold", po::value<std::string>()->default_value("on")->value_name("on|off"),
      "Simulate one representative of all that is alike")("json", po::value<std::string>()->value_name("FILE"),
                                                          "Write the points; - is stdout, without the table");
  return syntax;
}

/// The enumerator called `name`.
template <class Enum>
Enum named(std::string_view what, const std::string& name, std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  fail_usage(syntax(), fmt::format("unknown {} \"{}\"{}", what, name,
                                   suggestion(name, std::vector<std::string>(names.begin(), names.end()))));
}

std::vector<std::uint32_t> group_of(const po::variables_map& values, std::int64_t gpus) {
  std::vector<std::uint32_t> group(static_cast<std::size_t>(gpus));
  std::iota(group.begin(), group.end(), 0u);
  if (!values.count("group")) return group;
  auto [members, problem] = scenario::parse_group(values["group"].as<std::string>(), gpus);
  Issues issues;
  if (!problem.empty()) issues.error({}, "/group", problem);
  tell(issues);
  return members;
}

Bytes size_of(const std::string& text) {
  const auto parsed = parse_quantity(text, unit_family<Bytes>());
  if (!parsed.error.empty()) fail_usage(syntax(), "--size: " + parsed.error);
  if (parsed.value < 1) fail_usage(syntax(), "--size must be at least 1 B");
  return Bytes(static_cast<std::int64_t>(parsed.value));
}

constexpr Bytes largest_size(std::numeric_limits<std::int64_t>::max());
constexpr std::int64_t most_tokens = 1 << 24;

std::int64_t tokens_of(const std::string& text) {
  std::int64_t tokens = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  if (error != std::errc() || end != text.data() + text.size() || tokens < 1 || tokens > most_tokens)
    fail_usage(syntax(), fmt::format("--tokens: \"{}\" is no number from 1 to {}", text, most_tokens));
  return tokens;
}

/// "A" or "A..B", which doubles.
template <class Amount>
std::vector<Amount> range_of(const char* option, const std::string& text, Amount (*read)(const std::string&),
                             Amount largest) {
  const auto dots = text.find("..");
  const auto first = read(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : read(text.substr(dots + 2));
  std::vector<Amount> amounts;
  for (auto amount = first; amount <= last; amount = amount * 2) {
    amounts.push_back(amount);
    if (amount > largest / 2) break;
  }
  if (amounts.empty()) fail_usage(syntax(), fmt::format("{}: a range goes from the smaller to the larger", option));
  return amounts;
}

/// A barrier moves what torch.distributed's does: an all-reduce of one number.
std::vector<Bytes> sizes_of(const po::variables_map& values, CollectiveKind kind) {
  if (kind != CollectiveKind::barrier)
    return range_of("--size", values["size"].as<std::string>(), size_of, largest_size);
  if (!values["size"].defaulted()) fail_usage(syntax(), "--size: a barrier moves no buffer");
  return {Bytes(4)};
}

/// An option that only one of the two kinds of operation has.
void refuse(const po::variables_map& values, std::initializer_list<const char*> options, std::string_view operation) {
  for (const auto* option : options)
    if (values.count(option) && !values[option].defaulted())
      fail_usage(syntax(), fmt::format("--{} has no meaning for {}", option, operation));
}

std::int64_t between(const po::variables_map& values, const char* option, std::int64_t most) {
  const auto value = values[option].as<std::int64_t>();
  if (value < 1 || value > most) fail_usage(syntax(), fmt::format("--{} is 1 to {}", option, most));
  return value;
}

/// How far the routing of flows is.
auto shown(Progress& progress) {
  return [&progress](std::size_t done, std::size_t of) { progress(done, of, "flows routed"); };
}

/// Writes the points and prints the table.
template <class Sweep, class Points>
ExitCode show(const po::variables_map& values, const Sweep& sweep, const Points& points) {
  const auto json = values.count("json") ? values["json"].as<std::string>() : "";
  if (!json.empty()) write_json(json, analysis::to_json(sweep, points));
  if (json != "-") std::cout << analysis::to_text(sweep, points);
  return ExitCode::done;
}

ExitCode exchange_with_experts(const po::variables_map& values, const topology::ClusterSpecification& cluster,
                               std::int64_t gpus) {
  refuse(values, {"algorithm", "protocol", "group", "size"}, "an expert_exchange");
  analysis::ExpertSweep sweep;
  sweep.exchange.ranks = gpus;
  sweep.exchange.mode =
      named<calibration::ExchangeMode>("mode", values["mode"].as<std::string>(), calibration::exchange_mode_names);
  sweep.exchange.hidden = between(values, "hidden", 1 << 20);
  sweep.exchange.top_k = between(values, "top-k", 1024);
  sweep.tokens = range_of("--tokens", values["tokens"].as<std::string>(), tokens_of, most_tokens);
  sweep.fold = parse_switch(syntax(), "--fold", values["fold"].as<std::string>());
  Issues issues;
  Progress progress;
  const auto points = analysis::run_exchanges(cluster, sweep, issues, shown(progress));
  progress.clear();
  tell(issues);
  return show(values, sweep, points);
}

}  // namespace

ExitCode collective(const Arguments& arguments) {
  const auto values = parse(syntax(), arguments);
  const auto gpus = values["gpus"].as<std::int64_t>();
  if (gpus < 2) fail_usage(syntax(), "--gpus must be at least 2");
  const auto cluster = cluster_argument(values["cluster"].as<std::string>(), gpus);
  if (gpus > cluster.nodes * cluster.node.gpus)
    fail_usage(syntax(),
               fmt::format("--gpus {} is more than the cluster's {}", gpus, cluster.nodes * cluster.node.gpus));
  if (values["op"].as<std::string>() == "expert_exchange") return exchange_with_experts(values, cluster, gpus);
  refuse(values, {"tokens", "hidden", "top-k", "mode"}, values["op"].as<std::string>());
  analysis::CollectiveSweep sweep;
  sweep.kind = named<CollectiveKind>("operation", values["op"].as<std::string>(), collective_names);
  if (values.count("algorithm"))
    sweep.algorithm = named<CollectiveAlgorithm>("algorithm", values["algorithm"].as<std::string>(), algorithm_names);
  if (values.count("protocol"))
    sweep.protocol = named<CollectiveProtocol>("protocol", values["protocol"].as<std::string>(), protocol_names);
  sweep.fold = parse_switch(syntax(), "--fold", values["fold"].as<std::string>());
  sweep.sizes = sizes_of(values, sweep.kind);
  sweep.group = group_of(values, gpus);
  Issues issues;
  Progress progress;
  const auto points = analysis::run_collectives(cluster, sweep, issues, shown(progress));
  progress.clear();
  tell(issues);
  return show(values, sweep, points);
}

}  // namespace plenum::cli
