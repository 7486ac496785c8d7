#include "sim/datacenter/serving/step_prices.hpp"

#include <algorithm>
#include <cmath>

#include "calibration/kernels/expert_load.hpp"
#include "calibration/training_slowdown.hpp"
#include "workloads/serving/layer_operations.hpp"

namespace plenum::datacenter {
namespace {

using calibration::Framework;

Framework framework_of(const workload::EngineProfile& engine) {
  if (engine.framework == "vllm") return Framework::vllm;
  if (engine.framework == "sglang") return Framework::sglang;
  if (engine.framework == "tensorrt_llm") return Framework::tensorrt_llm;
  return Framework::any;
}

/// Of a data sheet's memory bandwidth: what the fastest decode kernels reach on H100, H200 and B200 (ops tables, above
/// 1 GB). TensorRT-LLM's table for A100, which others inherit, has up to 1.7 times all of it, out of a cache that a
/// step's weights would flush.
constexpr double best_bandwidth = 0.92;

/// With pipeline stages the batch is cut into as many micro-batches, which follow one another through all stages: each
/// gets its token when it has passed all layers, and the stages are busy with the others meanwhile.
std::int64_t per_micro_batch(std::int64_t amount, const workload::ServingPlan& plan) {
  return (amount + plan.pipeline_parallel - 1) / plan.pipeline_parallel;
}

/// Sequences that a graph for so many computes, dummies included.
std::int64_t padded(std::int64_t sequences, const std::vector<std::int64_t>& graph_sizes) {
  const auto size = std::ranges::lower_bound(graph_sizes, sequences);
  return size == graph_sizes.end() ? sequences : *size;
}

/// Of a layer's experts by Triton when launched: routing and two products, whose options, descriptors and arguments are
/// made in Python every time (gpt-oss on H200: what a prompt adds to decodes beside it, alike on 2, 4 and 8 GPUs).
constexpr Seconds triton_experts_host(1.3e-3);

std::int64_t tokens_of(const RankStep& rank) {
  std::int64_t tokens = rank.decodes * rank.tokens_per_decode;
  for (const auto& chunk : rank.chunks) tokens += chunk.tokens;
  return tokens;
}

/// The model with the products that the engine makes of it.
workload::Transformer as_computed(workload::Transformer model, const workload::EngineProfile& engine) {
  if (model.state_space) model.state_space->separate_products = engine.separate_products;
  return model;
}

}  // namespace

StepPrices::StepPrices(const workload::Transformer& model, const workload::ServingPlan& plan,
                       const workload::EngineProfile& engine, const calibration::Device& device,
                       const topology::NodeSpecification& node, bool pools)
    : model_(as_computed(model, engine)),
      plan_(plan),
      engine_(engine),
      device_(device),
      framework_(framework_of(engine)),
      communication_(model_, plan, framework_, device, node),
      mixers_(workload::mixer_layers(model_, plan)),
      experts_(workload::expert_layers(model_, plan)),
      state_(model_.state_space ? workload::state_traffic(model_, plan) : workload::StateTraffic{}),
      over_nodes_(plan.stage_gpus() > node.gpus),
      pools_(pools) {}

Seconds StepPrices::use(calibration::Estimate estimate) {
  footing_ = calibration::weaker(footing_, estimate.footing);
  return estimate.time;
}

/// FlashInfer's block-scaled products by TensorRT-LLM's kernels are made for few tokens. Of 24,576 by 7,168 they reach
/// 437 TFLOP/s with 1,024 tokens on B200 and 442 with 2,048 (DeepGEMM 2,470 and 2,770; sgl-project/sglang #13528).
/// Attention ranks run DeepGEMM's.
Seconds StepPrices::linear_layer(const workload::MatrixProduct& w) {
  constexpr double most = 440e12;  // operations per second
  const Seconds time = use(device_.linear_layer(w.m, w.n, w.k, w.precision, products_of()));
  const bool by_flashinfer = engine_.flashinfer_products && plan_.attention_data_parallel == 1 &&
                             device_.specification.architecture == "blackwell";
  if (!by_flashinfer || w.precision != Precision::fp8_block) return time;
  return std::max(time, Seconds(2 * double(w.m) * double(w.n) * double(w.k) / most));
}

Seconds StepPrices::time_of(const workload::Operation& operation) {
  struct Price {
    StepPrices& prices;
    Seconds operator()(const workload::MatrixProduct& w) const {
      if (workload::cast_with_product(w.precision)) return prices.linear_layer(w);
      return prices.use(prices.device_.matrix_product(w.m, w.n, w.k, w.batch, w.precision));
    }
    Seconds operator()(const workload::MemoryBound& w) const {
      const Bytes each(w.bytes.value() / w.launches);
      return prices.use(prices.device_.memory_bound(each)) * static_cast<double>(w.launches);
    }
    Seconds operator()(const workload::Communication& w) const { return prices.use(prices.communication_.time_of(w)); }
    // Priced by sequence and by layer, see prompt_mixing, decode_mixing and experts.
    Seconds operator()(const workload::Attention&) const { return Seconds(0); }
    Seconds operator()(const workload::GroupedProduct&) const { return Seconds(0); }
  };
  return static_cast<double>(operation.count) * std::visit(Price{*this}, operation.work);
}

/// SGLang multiplies by DeepGEMM, which its table has, unless it is told to take the fastest kernels of FlashInfer
/// (--fp8-gemm-backend): InferenceX' scripts for tensor parallelism do, those for attention ranks don't.
Framework StepPrices::products_of() const {
  const bool own = framework_ == Framework::sglang && plan_.attention_data_parallel > 1;
  return own ? Framework::sglang : Framework::any;
}

bool StepPrices::weight_only() const {
  return experts_ && bytes_per_element(plan_.expert_precision) < 1 &&
         !device_.specification.peak.contains(Precision::nvfp4);
}

/// GPUs without FP4 units multiply in bf16 what they read in four bits: vLLM by Marlin, whose times were measured with
/// int4 weights, the others by Triton's kernel, of which TensorRT-LLM's times are taken.
Seconds StepPrices::experts(std::int64_t tokens, bool decodes) {
  if (!experts_) return Seconds(0);
  const auto& e = *experts_;
  const bool marlin = weight_only() && framework_ == Framework::vllm;
  const auto kernels = weight_only() && !marlin ? Framework::tensorrt_llm : framework_;
  const auto framework = cutlass_experts() ? Framework::cutlass : kernels;
  auto fused = device_.moe(
      {tokens, e.hidden, e.ffn, e.experts, e.local_experts, e.active, e.gated, calibration::Routing::skewed},
      marlin ? Precision::int4 : plan_.expert_precision, framework);
  if (deep_gemm()) fused = deep_gemm_experts(tokens, fused);
  if (grouped(decodes)) {
    const auto grouped = grouped_experts(tokens);
    if (grouped.time < fused.time) fused = grouped;
  }
  if (filled_up()) {
    const auto filled = filled_experts(tokens, decodes);
    if (filled.time > fused.time) fused = filled;
  }
  return use(fused) * static_cast<double>(e.layers);
}

/// FlashInfer's kernels, which vLLM 0.24 runs on Hopper wherever block-scaled experts are spread, some versions always.
bool StepPrices::cutlass_experts() const {
  const bool asked = engine_.cutlass_experts || plan_.expert_parallel > 1;
  return framework_ == Framework::vllm && asked && device_.specification.architecture == "hopper" &&
         plan_.expert_precision == Precision::fp8_block;
}

/// Where tokens of data-parallel attention are sent to spread experts, some engines run these as grouped products, not
/// as the fused kernel of small batches. SGLang when they leave the node and travel by DeepEP: block-scaled ones by
/// DeepGEMM, and in decoding NVFP4 ones too (flashinfer_cutedsl).
bool StepPrices::grouped(bool decodes) const {
  const bool spread = plan_.attention_data_parallel > 1 && plan_.expert_parallel == plan_.stage_gpus();
  if (!spread) return false;
  const bool blocks = plan_.expert_precision == Precision::fp8_block;
  return framework_ == Framework::sglang && over_nodes_ &&
         (blocks || (decodes && plan_.expert_precision == Precision::nvfp4));
}

/// TensorRT-LLM multiplies block-scaled experts that are spread on Blackwell by DeepGEMM (moe_config DEEPGEMM in the
/// recipes): under attention ranks, until 1.1 always.
bool StepPrices::deep_gemm() const {
  const bool spread = plan_.expert_parallel > 1 && plan_.expert_parallel == plan_.stage_gpus();
  return framework_ == Framework::tensorrt_llm && spread && plan_.expert_precision == Precision::fp8_block &&
         device_.specification.architecture == "blackwell" && (plan_.attention_data_parallel > 1 || engine_.deep_gemm);
}

/// What the fused kernel does inside are some 16 kernels here: permutation, copy to the products' layout with
/// quantization, activation with quantization, gathering, weighted sum. What they take however small is what steps of
/// TensorRT-LLM 1.1 on B200 show, alike for 4 to 64 sequences; without attention ranks its prompts are no faster than
/// by the fused kernel.
calibration::Estimate StepPrices::deep_gemm_experts(std::int64_t tokens, calibration::Estimate fused) const {
  constexpr Seconds around(95e-6);
  constexpr double bytes_per_value = 12;  // of a token's row: five times written and read, in 8 or 16 bits
  const auto& e = *experts_;
  const double rows = double(tokens * e.active) * double(e.local_experts) / double(e.experts);
  auto grouped = grouped_experts(tokens);
  grouped.time += around + device_.memory_bound(Bytes(std::llround(bytes_per_value * rows * double(e.hidden)))).time;
  return plan_.attention_data_parallel == 1 && fused.time > grouped.time ? fused : grouped;
}

calibration::Estimate StepPrices::grouped_experts(std::int64_t tokens) const {
  const auto& e = *experts_;
  const auto load = calibration::expert_load(double(tokens), double(e.active), double(e.experts),
                                             double(e.local_experts), calibration::Routing::skewed);
  return grouped_products(std::max<std::int64_t>(1, std::llround(load.active_experts)),
                          std::max<std::int64_t>(1, std::llround(load.rows_per_expert)));
}

/// What lies between the two products is read and written once.
calibration::Estimate StepPrices::grouped_products(std::int64_t groups, std::int64_t rows) const {
  const auto& e = *experts_;
  const std::int64_t up = (e.gated ? 2 : 1) * e.ffn;
  const auto first = device_.grouped_matrix_product(groups, rows, up, e.hidden, plan_.expert_precision);
  const auto second = device_.grouped_matrix_product(groups, rows, e.hidden, e.ffn, plan_.expert_precision);
  const auto between = device_.memory_bound(Bytes(groups * rows * (2 * up + e.ffn)));
  const auto footing = calibration::weaker(calibration::weaker(first.footing, second.footing), between.footing);
  return {first.time + second.time + between.time, footing};
}

bool StepPrices::filled_up() const {
  constexpr std::int64_t fused_at = 8;  // GPUs that share an expert: vllm-project/vllm #29346
  return framework_ == Framework::vllm && engine_.expert_block > 0 && plan_.expert_precision == Precision::fp8_block &&
         plan_.stage_gpus() / plan_.expert_parallel != fused_at;
}

/// Blocks are computed whether they hold rows or not, which keeps the tensor cores busy in decoding as well: at the
/// clock that the power limit leaves. Prompts fill them, and the fused kernel's times have their permutation too.
calibration::Estimate StepPrices::filled_experts(std::int64_t tokens, bool decodes) const {
  const auto& e = *experts_;
  auto filled = grouped_products(e.local_experts, tokens * e.active / e.experts + engine_.expert_block - 1);
  if (decodes) filled.time = calibration::training_slowdown(device_, plan_.expert_precision) * filled.time;
  return filled;
}

/// In graphs the shared expert runs on a second stream beside the routed ones: vLLM's shared_experts_stream, SGLang's
/// forward_normal_dual_stream of DeepSeek's models unless experts are spread. TensorRT-LLM asks for the same
/// (maybe_execute_in_parallel), but its measured steps don't show it.
bool StepPrices::shared_expert_beside() const {
  if (framework_ == Framework::vllm) return true;
  return framework_ == Framework::sglang && model_.latent_attention && plan_.attention_data_parallel == 1;
}

/// Norms that the operation's kernels compute beside their own work. SGLang asks for it by default with DeepSeek's
/// models (sgl-project/sglang #12724). vLLM leaves them apart in pipelines and where attention is replicated
/// (vllm-project/vllm #34458, #35426); the same is assumed of the others, and vLLM's limits.
std::int64_t StepPrices::norms_of(const workload::Operation& operation) const {
  const bool one_group = plan_.pipeline_parallel == 1 && plan_.attention_data_parallel == 1;
  const bool asked = engine_.fused_norms || (framework_ == Framework::sglang && model_.latent_attention);
  if (!asked || !one_group || !workload::is_before_norm(operation)) return 0;
  const Bytes bytes = std::get<workload::Communication>(operation.work).bytes;
  return bytes <= communication_.fused_norm_limit() ? operation.count : 0;
}

/// A pipeline goes at the pace of its last stage, which has the logits besides its layers: as if every stage had them.
StepPrices::TokenPrice StepPrices::price(workload::StepTokens step, bool decodes) {
  const auto operations = workload::token_operations(model_, plan_, step);
  TokenPrice price;
  Seconds shared{};
  std::int64_t fused = 0;  // norms: no launch, the same bytes
  for (const auto& operation : operations) {
    const bool at_the_end = operation.name == "logits" || operation.family == workload::Family::loss;
    const auto rounds = static_cast<double>(at_the_end ? plan_.pipeline_parallel : 1);
    const Seconds time = rounds * time_of(operation);
    (operation.family == workload::Family::communication ? price.communicating : price.computing) += time;
    if (workload::is_of_shared_expert(operation)) shared += time;
    fused += norms_of(operation);
  }
  price.computing = price.computing - static_cast<double>(fused) * use(device_.memory_bound(Bytes(0)));
  const Seconds routed = experts(step.tokens_of_all_ranks, decodes);
  price.computing += routed;
  if (shared_expert_beside()) price.beside = std::min(shared, routed);
  price.kernels = workload::kernels(operations, model_, plan_, !decodes) - fused;
  price.gaps = price.kernels - (experts_ ? (workload::expert_kernels - 1) * experts_->layers : 0);
  return price;
}

/// Decodes come again and again with the same numbers of tokens.
const StepPrices::TokenPrice& StepPrices::decode_price(std::int64_t tokens, std::int64_t tokens_of_all_ranks) {
  TokenPrice& known = decode_prices_[{tokens, tokens_of_all_ranks}];
  if (known.kernels == 0) known = price({tokens, tokens, tokens_of_all_ranks}, true);
  return known;
}

Seconds StepPrices::state_space(double bytes) {
  const Bytes each(std::llround(bytes / static_cast<double>(state_.launches)));
  return use(device_.memory_bound(each)) * static_cast<double>(state_.launches);
}

/// Keys and values of all tokens looked at are decompressed first (vLLM, SGLang and TensorRT-LLM alike).
Seconds StepPrices::latent_prompt(const workload::MixerLayers& mixer, std::int64_t tokens, std::int64_t cached) {
  const auto& latent = *model_.latent_attention;
  const Seconds decompression = use(device_.matrix_product(
      tokens + cached, mixer.heads * (latent.content_dim + latent.value_dim), latent.kv_rank, 1, Precision::bf16));
  // SGLang's tables have the absorbed form, on a third of the rate; its prompts are decompressed like others'.
  const Framework kernels = framework_ == Framework::sglang ? Framework::any : framework_;
  return decompression + use(device_.mla_prefill({1, mixer.heads, tokens, tokens + cached, latent.kv_rank,
                                                  latent.position_dim, latent.content_dim, latent.value_dim},
                                                 Precision::bf16, kernels));
}

Seconds StepPrices::latent_decode(const workload::MixerLayers& mixer, std::int64_t sequences, std::int64_t length) {
  const auto& latent = *model_.latent_attention;
  const auto absorb = [&](std::int64_t inner, std::int64_t outer) {
    return use(device_.mla_absorption(sequences, mixer.heads, inner, outer, Precision::bf16, framework_));
  };
  return absorb(latent.content_dim, latent.kv_rank) + absorb(latent.kv_rank, latent.value_dim) +
         use(device_.mla_decode({sequences, mixer.heads, 1, length, latent.kv_rank, latent.position_dim,
                                 latent.content_dim, latent.value_dim},
                                plan_.kv_cache, framework_));
}

/// With a window the tokens before it are skipped: on average a token looks at half of a short prompt, or at the
/// window.
Seconds StepPrices::prompt_mixing(const workload::MixerLayers& mixer, const PromptChunk& chunk) {
  if (mixer.mixer == workload::Mixer::state_space) return state_space(state_.bytes_per_token * chunk.tokens);
  if (mixer.mixer == workload::Mixer::latent_attention) return latent_prompt(mixer, chunk.tokens, chunk.context);
  std::int64_t cached = chunk.context, batch = 1, tokens = chunk.tokens;
  if (mixer.window > 0) {
    cached = std::min<std::int64_t>(cached, mixer.window);
    if (tokens > mixer.window) {  // as many pieces of a window each, every one over itself and the window before it
      batch = (tokens + mixer.window - 1) / mixer.window;
      tokens = cached = mixer.window;
    }
  }
  return use(device_.prefill_attention(batch, mixer.heads, mixer.kv_heads, tokens, cached, mixer.head_dim,
                                       Precision::bf16, framework_));
}

Seconds StepPrices::prompt_mixing(const PromptChunk& chunk) {
  Seconds sum{};
  for (const auto& mixer : mixers_) sum += static_cast<double>(mixer.layers) * prompt_mixing(mixer, chunk);
  return sum;
}

/// Encoders read many short texts at once, in one kernel: as many of the length that has as many scores.
Seconds StepPrices::whole_texts(std::span<const PromptChunk> texts) {
  double scores = 0;
  for (const auto& text : texts) scores += double(text.tokens) * double(text.tokens);
  const auto count = static_cast<std::int64_t>(texts.size());
  const auto length = std::llround(std::sqrt(scores / static_cast<double>(count)));
  Seconds sum{};
  for (const auto& mixer : mixers_)
    sum += static_cast<double>(mixer.layers) * use(device_.attention(count, mixer.heads, mixer.kv_heads, length, length,
                                                                     mixer.head_dim, false, false, Precision::bf16));
  return sum;
}

Seconds StepPrices::prompt_mixing(std::span<const PromptChunk> chunks) {
  if (model_.sees_all) return whole_texts(chunks);
  Seconds sum{};
  for (const auto& chunk : chunks) sum += prompt_mixing(chunk);
  return sum;
}

/// Nobody knows beforehand how many of the tokens that are checked at once will be accepted: the state after each is
/// written. SGLang and TensorRT-LLM then copy the right one (sgl-project/sglang #18088, NVIDIA/TensorRT-LLM #13453),
/// vLLM goes on from where it lies.
double StepPrices::states_moved(std::int64_t tokens_each) const {
  const double checked = 1 + static_cast<double>(tokens_each);
  return tokens_each == 1 || framework_ == Framework::vllm ? checked : checked + 2;
}

Seconds StepPrices::decode_mixing(const workload::MixerLayers& mixer, std::int64_t sequences, std::int64_t length,
                                  std::int64_t tokens_each) {
  if (mixer.mixer == workload::Mixer::state_space)
    return state_space(states_moved(tokens_each) * state_.state_bytes * static_cast<double>(sequences));
  if (mixer.mixer == workload::Mixer::latent_attention) return latent_decode(mixer, sequences, length);
  const std::int64_t seen = mixer.window > 0 ? std::min(length, mixer.window) : length;
  const Seconds kernel = use(device_.decode_attention(sequences, mixer.heads, mixer.kv_heads, seen, mixer.head_dim,
                                                      plan_.kv_cache, framework_));
  if (framework_ != Framework::tensorrt_llm) return kernel;
  return std::max(kernel, reading(2.0 * double(sequences * mixer.kv_heads * seen * mixer.head_dim) *
                                  bytes_per_element(plan_.kv_cache)));
}

/// As fast as products that do nothing but read, or as the fastest decode kernels of other cards.
Seconds StepPrices::reading(double bytes) const {
  const Seconds fastest(bytes / (best_bandwidth * device_.specification.memory_bandwidth.value()));
  return std::min(fastest, device_.memory_bound(Bytes(std::llround(bytes))).time);
}

Seconds StepPrices::decode_mixing(std::int64_t sequences, std::int64_t context, std::int64_t tokens_each) {
  Seconds sum{};
  if (sequences == 0) return sum;
  for (const auto& mixer : mixers_)
    sum += static_cast<double>(mixer.layers) * decode_mixing(mixer, sequences, context / sequences + 1, tokens_each);
  return sum;
}

/// One thread handles the sequences and launches what is in no graph, beside the GPU; stages of a pipeline wait for it.
Seconds StepPrices::with_host(Seconds gpu, const TokenPrice& price, std::int64_t sequences, bool graph) const {
  const auto count = static_cast<double>(price.kernels), each = static_cast<double>(sequences);
  const double slower = device_.specification.host_slowdown;
  const Seconds handling = slower * each * engine_.token_host;
  const bool python = framework_ == Framework::tensorrt_llm && engine_.eager_kernel_host.value() > 0;
  const bool triton = python && weight_only() && plan_.expert_precision == Precision::mxfp4;
  const Seconds by_triton = triton ? double(experts_->layers) * triton_experts_host : Seconds(0);
  const Seconds launching = graph ? Seconds(0) : slower * (count * engine_.eager_kernel_host + by_triton);
  Seconds launched = gpu + static_cast<double>(price.gaps) * engine_.kernel_gap;
  launched =
      plan_.pipeline_parallel > 1 ? std::max(launched, launching) + handling : std::max(launched, launching + handling);
  if (graph && engine_.piecewise_graph) launched += static_cast<double>(model_.layers) * engine_.piece_host;
  return launched + slower * (engine_.step_host + each * engine_.sequence_host);
}

Seconds StepPrices::checking_host(std::int64_t sequences, std::int64_t tokens_each) const {
  if (tokens_each == 1) return Seconds(0);
  return device_.specification.host_slowdown * static_cast<double>(sequences) * engine_.draft_sequence_host;
}

Seconds StepPrices::decode_step(std::int64_t sequences, std::int64_t context, std::int64_t sequences_of_all_ranks,
                                std::int64_t tokens_each, double slowdown) {
  const std::int64_t tokens = per_micro_batch(sequences, plan_), computed = padded(tokens, engine_.graph_sizes);
  // All ranks run the graph of the one with the most.
  const std::int64_t of_all =
      computed > tokens ? computed * plan_.attention_data_parallel : per_micro_batch(sequences_of_all_ranks, plan_);
  const auto& price = decode_price(computed * tokens_each, of_all * tokens_each);
  const std::int64_t part = context * tokens / std::max<std::int64_t>(1, sequences);
  const bool graph = tokens <= engine_.graph_sequences;
  const Seconds computing = price.computing - (graph ? price.beside : Seconds(0));
  const Seconds gpu = slowdown * (computing + decode_mixing(tokens, part, tokens_each)) + price.communicating;
  return with_host(gpu, price, sequences, graph) + checking_host(sequences, tokens_each);
}

/// What the decodes of a pass with prompts would compute without these, their caches apart.
Seconds StepPrices::decodes_beside(const RankStep& rank, std::span<const RankStep> ranks) {
  if (rank.decodes == 0) return Seconds(0);
  std::int64_t all = 0;
  for (const RankStep& each : ranks) all += each.decodes * each.tokens_per_decode;
  return decode_price(rank.decodes * rank.tokens_per_decode, all).computing;
}

Seconds StepPrices::step(std::span<const RankStep> ranks, double slowdown) {
  const RankStep& rank = *std::ranges::max_element(ranks, {}, tokens_of);
  workload::StepTokens tokens{tokens_of(rank), rank.decodes * rank.tokens_per_decode, 0};
  const bool filled_up = engine_.padded_ranks && !rank.chunks.empty();
  for (const RankStep& each : ranks) tokens.tokens_of_all_ranks += filled_up ? tokens.tokens : tokens_of(each);
  if (rank.chunks.empty())
    return decode_step(rank.decodes, rank.decode_context, tokens.tokens_of_all_ranks / rank.tokens_per_decode,
                       rank.tokens_per_decode, slowdown);
  const std::int64_t sequences = tokens.logits + std::ranges::count_if(rank.chunks, &PromptChunk::last);
  tokens.logits = pools_ ? 0 : sequences;
  const auto price = this->price(tokens, false);
  const std::int64_t pieces = static_cast<std::int64_t>(rank.chunks.size()) + (rank.decodes > 0 ? 1 : 0);
  const auto at_once = static_cast<double>(std::min(pieces, plan_.pipeline_parallel));
  // Weights that decodes read anyway and caches do not wait for tensor cores.
  const Seconds beside = std::min(price.computing, decodes_beside(rank, ranks));
  const Seconds decoding = beside + decode_mixing(rank.decodes, rank.decode_context, rank.tokens_per_decode);
  const Seconds added = price.computing - beside + prompt_mixing(rank.chunks);
  const Seconds gpu = (slowdown * (decoding + engine_.prompt_slowdown * added) + price.communicating) / at_once;
  return with_host(gpu, price, sequences, false) + checking_host(rank.decodes, rank.tokens_per_decode);
}

}  // namespace plenum::datacenter
