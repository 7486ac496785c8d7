#include "sim/datacenter/serving/step_prices.hpp"

#include <algorithm>

#include "calibration/in_node_all_reduce.hpp"

namespace plenum::datacenter {
namespace {

calibration::Framework framework_of(const workload::EngineProfile& engine) {
  if (engine.framework == "vllm") return calibration::Framework::vllm;
  if (engine.framework == "sglang") return calibration::Framework::sglang;
  if (engine.framework == "tensorrt_llm") return calibration::Framework::tensorrt_llm;
  return calibration::Framework::any;
}

/// With pipeline stages the batch is cut into as many micro-batches, which follow one another through all stages.
std::int64_t per_micro_batch(std::int64_t amount, const workload::ServingPlan& plan) {
  return (amount + plan.pipeline_parallel - 1) / plan.pipeline_parallel;
}

}  // namespace

StepPrices::StepPrices(const workload::Transformer& model, const workload::ServingPlan& plan,
                       const workload::EngineProfile& engine, const calibration::Device& device)
    : model_(model),
      plan_(plan),
      engine_(engine),
      device_(device),
      framework_(framework_of(engine)),
      attention_(workload::attention_share(model, plan)) {}

Seconds StepPrices::use(calibration::Estimate estimate) {
  footing_ = calibration::weaker(footing_, estimate.footing);
  return estimate.time;
}

Seconds StepPrices::time_of(const workload::Operation& operation) {
  struct Price {
    StepPrices& prices;
    Seconds operator()(const workload::MatrixProduct& w) const {
      return prices.use(prices.device_.matrix_product(w.m, w.n, w.k, w.batch, w.precision));
    }
    Seconds operator()(const workload::MemoryBound& w) const {
      return static_cast<double>(w.launches) * prices.use(prices.device_.memory_bound(w.bytes / w.launches));
    }
    Seconds operator()(const workload::Communication& w) const {
      return prices.use(calibration::in_node_collective(prices.device_, prices.framework_,
                                                        w.kind == workload::CollectiveKind::all_reduce ? 1.0 : 0.5,
                                                        prices.plan_.tensor_parallel, w.bytes));
    }
    Seconds operator()(const workload::Attention&) const { return Seconds(0); }  // priced by sequence
  };
  return static_cast<double>(operation.count) * std::visit(Price{*this}, operation.work);
}

StepPrices::TokenPrice StepPrices::price(workload::StepTokens step) {
  const auto operations = workload::token_operations(model_, plan_, step);
  TokenPrice price;
  for (const auto& operation : operations) price.gpu += time_of(operation);
  price.kernels = workload::kernels(operations, attention_);
  return price;
}

/// Decodes come again and again with the same number of tokens.
const StepPrices::TokenPrice& StepPrices::decode_price(std::int64_t tokens) {
  const auto index = static_cast<std::size_t>(tokens);
  if (index >= by_tokens_.size()) by_tokens_.resize(index + 1);
  if (by_tokens_[index].kernels == 0) by_tokens_[index] = price({tokens, tokens});
  return by_tokens_[index];
}

Seconds StepPrices::prompt_attention(const PromptChunk& chunk) {
  return use(device_.prefill_attention(1, attention_.heads, attention_.kv_heads, chunk.tokens, chunk.context,
                                       attention_.head_dim, Precision::bf16, framework_)) *
         static_cast<double>(attention_.layers);
}

Seconds StepPrices::decode_attention(std::int64_t sequences, std::int64_t context) {
  if (sequences == 0) return Seconds(0);
  return use(device_.decode_attention(sequences, attention_.heads, attention_.kv_heads, context / sequences + 1,
                                      attention_.head_dim, plan_.kv_cache, framework_)) *
         static_cast<double>(attention_.layers);
}

Seconds StepPrices::with_host(Seconds gpu, std::int64_t kernels, std::int64_t sequences, bool graph) const {
  const double count = static_cast<double>(kernels);
  const Seconds launched = graph ? gpu + count * engine_.kernel_gap
                                 : std::max(gpu + count * engine_.kernel_gap, count * engine_.eager_kernel_host);
  return launched + engine_.step_host + static_cast<double>(sequences) * engine_.sequence_host;
}

Seconds StepPrices::decode_step(std::int64_t sequences, std::int64_t context) {
  const std::int64_t tokens = per_micro_batch(sequences, plan_);
  const auto& price = decode_price(tokens);
  const Seconds gpu = price.gpu + decode_attention(tokens, context * tokens / std::max<std::int64_t>(1, sequences));
  return with_host(static_cast<double>(plan_.pipeline_parallel) * gpu, price.kernels, sequences,
                   tokens <= engine_.graph_sequences);
}

Seconds StepPrices::step(std::span<const RankStep> ranks) {
  const RankStep& rank = *std::ranges::max_element(ranks, {}, [](const RankStep& r) {
    std::int64_t tokens = r.decodes;
    for (const auto& chunk : r.chunks) tokens += chunk.tokens;
    return tokens;
  });
  if (rank.chunks.empty()) return decode_step(rank.decodes, rank.decode_context);
  workload::StepTokens tokens{rank.decodes, rank.decodes};
  Seconds attention = decode_attention(rank.decodes, rank.decode_context);
  for (const auto& chunk : rank.chunks) {
    tokens.tokens += chunk.tokens;
    tokens.logits += chunk.last;
    attention += prompt_attention(chunk);
  }
  const auto price = this->price(tokens);
  return with_host(price.gpu + attention, price.kernels, tokens.logits, false);
}

}  // namespace plenum::datacenter
