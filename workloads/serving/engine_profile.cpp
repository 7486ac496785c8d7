#include "workloads/serving/engine_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/core/files.hpp"
#include "workloads/serving/host_times.hpp"

namespace plenum::workload {
namespace {

struct Engines {
  std::vector<EngineProfile> engines;
};

void describe(Fields& fields, Engines& catalogue) { fields.required("engines", catalogue.engines, "All engines"); }

/// The constants of one engine in their own file.
struct HostTimes {
  EngineProfile engine;
};

void describe(Fields& fields, HostTimes& times) {
  EngineProfile& engine = times.engine;
  const Range seconds = between(0, 10);
  fields.required("name", engine.name, "The engine's");
  fields.optional("step_host", engine.step_host, "Host time per step that the GPU waits for", seconds);
  fields.optional("sequence_host", engine.sequence_host, "The same per sequence of the step", seconds);
  fields.optional("draft_sequence_host", engine.draft_sequence_host,
                  "The same besides, where drafts are checked without the next step beside", seconds);
  fields.optional("token_host", engine.token_host, "Host time per sequence of a step, beside the GPU", seconds);
  fields.optional("kernel_gap", engine.kernel_gap, "Between two kernels of a graph", seconds);
  fields.optional("eager_kernel_host", engine.eager_kernel_host, "Least time per kernel that the host launches",
                  seconds);
  fields.optional("request_host", engine.request_host, "Time of a request outside the scheduler", seconds);
  fields.optional("handover", engine.handover, "From a prompt's end to the move of its cache to who decodes", seconds);
  fields.optional("front_end", engine.front_end, "Time of a request in its replica's front end, one after another",
                  seconds);
  fields.optional("token_front_end", engine.token_front_end, "The same per message of tokens to a user", seconds);
  fields.optional("token_copy", engine.token_copy, "The same per message for every token that its request got before",
                  seconds);
  fields.optional("prompt_token_host", engine.prompt_token_host, "Time outside the scheduler per token of the prompt",
                  seconds);
  fields.optional("piece_host", engine.piece_host, "Host time of each piece of a graph", seconds);
  fields.optional("prompt_slowdown", engine.prompt_slowdown,
                  "What prompts add to a pass, collectives apart, over the same timed alone", between(0.1, 10));
}

struct HostTimesFile {
  std::string source;
  std::vector<HostTimes> engines;
};

void describe(Fields& fields, HostTimesFile& file) {
  fields.optional("source", file.source, "How they were fitted, and on what");
  fields.required("engines", file.engines, "By engine");
}

template <class File>
File read_catalogue(const std::filesystem::path& path, Issues& issues) {
  File catalogue;
  const auto file = json::parse_file(path, issues);
  if (file)
    read_fields(
        *file, "", [&](Fields& fields) { describe(fields, catalogue); }, issues);
  return catalogue;
}

Engines read_engines(Issues& issues) {
  auto catalogue = read_catalogue<Engines>(data_root() / "workloads/catalogue/engines.json", issues);
  for (const auto& times : read_catalogue<HostTimesFile>(host_times_file(), issues).engines)
    for (auto& engine : catalogue.engines)
      if (engine.name == times.engine.name) copy_host_times(times.engine, engine);
  return catalogue;
}

}  // namespace

std::span<const std::string_view> names_of(BatchPolicy) {
  static constexpr std::array<std::string_view, 2> names{"mixed", "prefill-first"};
  return names;
}

void describe(Fields& fields, EngineProfile& engine) {
  const Range count = between(1, 1 << 24), share = between(0, 1);
  fields.optional("name", engine.name, "What scenarios call it");
  fields.optional("source", engine.source, "Where its numbers come from");
  fields.optional("framework", engine.framework, "Whose kernel timings it takes: vllm, sglang, tensorrt_llm");
  fields.optional("policy", engine.policy, "What a step holds");
  fields.optional("token_budget", engine.token_budget, "Most tokens of a step", count);
  fields.optional("chunked_prefill", engine.chunked_prefill, "Prompts may be cut to fit the token budget");
  fields.optional("max_sequences", engine.max_sequences, "Most sequences of a step", count);
  fields.optional("block_tokens", engine.block_tokens, "Tokens of a KV-cache block", count);
  fields.optional("memory_fraction", engine.memory_fraction, "Of device memory, for weights, activations and KV cache",
                  between(0.01, 1));
  fields.optional("reserved", engine.reserved, "Of that memory: activation peak, graphs, context");
  fields.optional("free_fraction", engine.free_fraction, "Of what weights and reserve leave, for the KV cache",
                  between(0.01, 1));
  fields.optional("output_reserved", engine.output_reserved,
                  "Part of an output's blocks that must be free at admission", share);
  fields.optional("watermark", engine.watermark, "Part of the blocks that admission leaves free", share);
  fields.optional("batch_wait_steps", engine.batch_wait_steps, "Steps of decodes that prompts wait for more prompts",
                  between(0, 1 << 24));
  fields.optional("batch_wait_share", engine.batch_wait_share, "Of the token budget: a step waits for no more", share);
  fields.optional("balance_timeout_steps", engine.balance_timeout_steps,
                  "Steps that prompts wait at most until every attention rank has one; 0: they don't",
                  between(0, 1 << 24));
  fields.optional("balance_batching_steps", engine.balance_batching_steps, "Steps that they wait then for more",
                  between(0, 1 << 24));
  fields.optional("receive_interval", engine.receive_interval, "Steps between two looks for new requests", count);
  fields.optional("stream_interval", engine.stream_interval, "Tokens that are handed to the user at once", count);
  fields.optional("separate_products", engine.separate_products,
                  "Gated DeltaNet's gate, inner stream and steps come from products of their own (SGLang until 0.5.9)");
  fields.optional("fused_norms", engine.fused_norms,
                  "All-reduces of few tokens add the residual and normalize in the same kernel");
  fields.optional("padded_ranks", engine.padded_ranks,
                  "Passes with prompts fill all attention ranks up to the one with the most tokens");
  fields.optional("expert_block", engine.expert_block,
                  "Block-scaled experts are one product whose rows are filled up to it, expert by expert; 0: fused",
                  between(0, 1 << 16));
  fields.optional("cutlass_experts", engine.cutlass_experts,
                  "vLLM runs block-scaled experts on Hopper by FlashInfer's CUTLASS kernels, spread or not");
  fields.optional(
      "flashinfer_products", engine.flashinfer_products,
      "Block-scaled products on Blackwell, without attention ranks, are those that FlashInfer has for few tokens");
  fields.optional("deep_gemm", engine.deep_gemm,
                  "Spread block-scaled experts on Blackwell are DeepGEMM's without attention ranks, too");
  fields.optional("piecewise_graph", engine.piecewise_graph, "Attention is launched between pieces of a graph");
  fields.optional("graph_sequences", engine.graph_sequences, "Largest batch of decodes captured as a graph",
                  between(0, 1 << 24));
  fields.optional("graph_sizes", engine.graph_sizes, "Batches of decodes are padded to the next of these, ascending",
                  count);
}

std::vector<std::string> engine_names() {
  Issues issues;
  std::vector<std::string> names;
  for (const auto& engine : read_engines(issues).engines) names.push_back(engine.name);
  return names;
}

std::optional<EngineProfile> find_engine(const std::string& name, Issues& issues) {
  const auto catalogue = read_engines(issues);
  const auto found = std::ranges::find(catalogue.engines, name, &EngineProfile::name);
  if (found != catalogue.engines.end()) return *found;
  issues.error({}, "",
               fmt::format("unknown engine \"{}\"{} (plenum list engines)", name, suggestion(name, engine_names())));
  return std::nullopt;
}

}  // namespace plenum::workload
