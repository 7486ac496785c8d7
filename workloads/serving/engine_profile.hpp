// How a serving engine behaves: what it puts into a step, how it keeps its KV cache, and what it spends on the host.
// One entry per engine (and version, where versions differ) in workloads/catalogue/engines.json, each with its source.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum::workload {

/// mixed: decodes first, then prompts up to the token budget, in one pass (vLLM V1, TensorRT-LLM in-flight batching).
/// prefill_first: a pass is either prompts, as soon as there are any, or decodes (SGLang without --enable-mixed-chunk).
enum class BatchPolicy : std::uint8_t { mixed, prefill_first };

struct EngineProfile {
  std::string name;
  std::string source;
  std::string framework;  ///< whose kernels were measured: "vllm", "sglang", "tensorrt_llm"
  BatchPolicy policy = BatchPolicy::mixed;
  std::int64_t token_budget = 8192;        ///< most tokens of a step
  bool chunked_prefill = true;             ///< prompts may be cut to fit the budget
  std::int64_t max_sequences = 256;        ///< most sequences of a step
  std::int64_t block_tokens = 16;          ///< of a KV-cache block
  double memory_fraction = 0.9;            ///< of device memory, for weights, activations and KV cache together
  Bytes reserved{};                        ///< taken from that besides weights: activation peak, graphs, context
  double free_fraction = 1;                ///< of what weights and reserve leave of it, for the KV cache
  double output_reserved = 0;              ///< part of the output's blocks that must be free when a request is admitted
  double watermark = 0.01;                 ///< part of the blocks that admission leaves free
  std::int64_t batch_wait_steps = 0;       ///< steps of decodes that prompts wait at most for more prompts
  double batch_wait_share = 0;             ///< of the token budget: with so many tokens a step waits no longer
  std::int64_t balance_timeout_steps = 0;  ///< see PromptBalance; 0: attention ranks start prompts as they come
  std::int64_t balance_batching_steps = 0;
  Seconds step_host{};                ///< host time per step that the GPU waits for
  Seconds sequence_host{};            ///< the same, per sequence in the step
  Seconds draft_sequence_host{};      ///< the same besides, where drafts are checked
  Seconds token_host{};               ///< host time per sequence that runs beside the GPU; a step takes it at least
  Seconds front_end{};                ///< per request, one after another: a burst reaches the scheduler spread out
  Seconds token_front_end{};          ///< the same per message of `stream_interval` tokens that users get
  Seconds token_copy{};               ///< per message, for every token that its request got before
  std::int64_t receive_interval = 1;  ///< steps between two looks for new requests while there is something to do
  Seconds request_host{};  ///< before a request reaches the scheduler and after its first token: HTTP, tokenizer
  std::int64_t stream_interval = 1;  ///< tokens that are handed to the user at once, the first ones too
  Seconds prompt_token_host{};       ///< the same, per token of the prompt
  Seconds handover{};                ///< from a prompt's end to the move of its KV cache, where another replica decodes
  Seconds kernel_gap{};              ///< between two kernels of a graph
  bool separate_products = false;    ///< of Gated DeltaNet's input (StateSpace)
  bool fused_norms = false;          ///< all-reduces of few tokens add the residual and normalize (StepCommunication)
  bool padded_ranks = false;         ///< passes with prompts fill attention ranks up to the one with the most tokens
  std::int64_t expert_block = 0;     ///< every expert's rows of block-scaled products are filled up to it; 0: fused
  bool cutlass_experts = false;      ///< vLLM on Hopper: block-scaled ones by CUTLASS though not spread
  bool flashinfer_products = false;  ///< block-scaled products by FlashInfer's kernels for few tokens
  bool deep_gemm = false;            ///< spread block-scaled experts on Blackwell are always DeepGEMM's
  bool piecewise_graph = false;      ///< attention is launched between the pieces of a graph, one per layer
  Seconds piece_host{};              ///< host time of each piece then
  double prompt_slowdown = 1;        ///< of what prompts add to a pass, collectives apart, over the same timed alone
  std::int64_t graph_sequences =
      512;  ///< largest batch of decodes that is captured; beyond it, and with prompts, eager
  std::vector<std::int64_t>
      graph_sizes{};            ///< ascending: batches of decodes are padded to the next; beyond: as they are
  Seconds eager_kernel_host{};  ///< least time per kernel when launched from the host
};

std::span<const std::string_view> names_of(BatchPolicy);
void describe(Fields&, EngineProfile&);

std::vector<std::string> engine_names();
/// By name; an issue with a suggestion when unknown.
std::optional<EngineProfile> find_engine(const std::string& name, Issues&);

}  // namespace plenum::workload
