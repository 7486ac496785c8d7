#include "workloads/serving/host_times.hpp"

#include <fmt/format.h>

#include <array>

#include "sim/core/files.hpp"

namespace plenum::workload {
namespace {

template <Seconds EngineProfile::*member>
constexpr HostTime time(std::string_view name, std::string_view doc, double least) {
  return {name,
          doc,
          "us",
          [](const EngineProfile& engine) { return 1e6 * (engine.*member).value(); },
          [](EngineProfile& engine, double value) { engine.*member = Seconds(1e-6 * value); },
          least};
}

using E = EngineProfile;
constexpr std::array all{
    time<&E::step_host>("step_host", "Host time per step that the GPU waits for", 100),
    time<&E::sequence_host>("sequence_host", "The same per sequence of the step", 1),
    time<&E::draft_sequence_host>("draft_sequence_host", "The same besides, where drafts are checked", 20),
    time<&E::token_host>("token_host", "Host time per sequence of a step, beside the GPU", 5),
    time<&E::kernel_gap>("kernel_gap", "Between two kernels of a graph", 0.1),
    time<&E::piece_host>("piece_host", "Host time of a piece of a graph, between layers' attention", 2),
    time<&E::eager_kernel_host>("eager_kernel_host", "Least time per kernel that the host launches", 5),
    time<&E::request_host>("request_host", "Time of a request outside the scheduler", 1000),
    time<&E::handover>("handover", "From a prompt's end to the move of its cache to who decodes", 10000),
    time<&E::front_end>("front_end", "Time of a request in its replica's front end, one after another", 200),
    time<&E::token_front_end>("token_front_end", "The same per message of tokens to a user", 20),
    time<&E::token_copy>("token_copy", "The same per message for every token that its request got before", 0.002),
    time<&E::prompt_token_host>("prompt_token_host", "Time outside the scheduler per token of the prompt", 0.2),
    HostTime{"prompt_slowdown", "What prompts add to a pass, collectives apart, over the same timed alone", "",
             [](const EngineProfile& engine) { return engine.prompt_slowdown; },
             [](EngineProfile& engine, double value) { engine.prompt_slowdown = value; }, 0.8},
};

}  // namespace

std::span<const HostTime> host_times() { return all; }

void copy_host_times(const EngineProfile& from, EngineProfile& to) {
  for (const HostTime& constant : all) constant.set(to, constant.get(from));
}

namespace {

/// Four digits, without an exponent.
std::string short_number(double value) { return fmt::format("{}", std::stod(fmt::format("{:.4g}", value))); }

}  // namespace

std::filesystem::path host_times_file() { return data_root() / "workloads/catalogue/host_times.json"; }

std::string host_times_text(std::string_view source, std::span<const EngineProfile> engines) {
  std::string text = fmt::format("{{\"source\": \"{}\",\n \"engines\": [\n", source);
  for (const EngineProfile& engine : engines) {
    text += fmt::format("  {{\"name\": \"{}\"", engine.name);
    for (const HostTime& constant : all) {
      const auto value = short_number(constant.get(engine));
      text += constant.unit.empty() ? fmt::format(", \"{}\": {}", constant.name, value)
                                    : fmt::format(", \"{}\": \"{} {}\"", constant.name, value, constant.unit);
    }
    text += &engine == &engines.back() ? "}\n" : "},\n";
  }
  return text + "]}\n";
}

}  // namespace plenum::workload
