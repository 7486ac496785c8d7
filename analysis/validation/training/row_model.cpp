#include "analysis/validation/training/row_model.hpp"

#include <fmt/format.h>

namespace plenum::analysis {
namespace {

constexpr std::int64_t gpt_vocabulary = 51200;     // GPT-2's 50,257, padded as Megatron does
constexpr std::int64_t llama_vocabulary = 128256;  // Llama 3's

// NeMo fine-tunes on SQuAD unless told otherwise, packed: a paragraph with question and answer. MLPerf's documents fill
// a sequence each.
constexpr std::int64_t tokens_of_sample = 200;

/// Samples of a packed sequence attend to themselves alone: to half of their tokens, on average.
void pack_samples(workload::Transformer& model, const RowCells& row) {
  const bool tunes = row.mentions("phase", "lora") || row.mentions("phase", "sft");
  if (!tunes || row.mentions("date", "mlperf")) return;
  model.window = tokens_of_sample / 2;
  model.full_attention_every = 0;
  model.mixer_pattern.clear();
}

bool deviates_from_gpt(const RowCells& row) {
  const auto heads = row.integer("heads"), kv_heads = row.integer("kv_heads");
  const auto hidden = row.integer("hidden"), ffn = row.integer("ffn");
  return (heads && kv_heads && *kv_heads != *heads) || (hidden && ffn && *ffn != 4 * *hidden);
}

workload::Transformer by_rule(const RowCells& row) {
  workload::Transformer model;
  const bool llama = deviates_from_gpt(row);
  model.gated_mlp = llama;
  model.tied_embeddings = !llama;
  model.learned_positions = !llama;
  model.biases = !llama;
  model.norm = llama ? workload::Norm::rms_norm : workload::Norm::layer_norm;
  model.vocabulary = llama ? llama_vocabulary : gpt_vocabulary;
  return model;
}

void lay_over(std::int64_t& value, std::optional<std::int64_t> stated) {
  if (stated && *stated > 0) value = *stated;
}

void require(std::int64_t value, std::string_view column, std::string_view name,
             std::int64_t most = workload::most_of_a_size) {
  if (value <= 0)
    throw Unsupported{fmt::format("\"{}\" is not in the catalogue and the table states no {}", name, column)};
  if (value > most) throw Unsupported{fmt::format("{} {} is more than any model has ({})", column, value, most)};
}

/// Experts of a model that the catalogue doesn't know must be stated whole.
void lay_over_experts(workload::Transformer& model, const RowCells& row) {
  const auto count = row.integer("n_experts"), active = row.integer("topk");
  if (!count) return;
  if (!model.experts && active) model.experts = {.count = *count, .active = *active, .ffn = model.ffn};
  if (!model.experts) throw Unsupported{fmt::format("the table states {} experts and no topk", *count)};
  lay_over(model.experts->count, count);
  lay_over(model.experts->active, active);
  lay_over(model.experts->ffn, row.integer("moe_ffn"));
}

/// Architectures that no column describes are known by name alone.
void require_known(const RowCells& row, bool known) {
  const auto architecture = row.text("arch");
  if (known || architecture.empty() || architecture == "dense" || architecture == "moe") return;
  throw Unsupported{
      fmt::format("\"{}\", of architecture \"{}\", is not in the catalogue", row.text("model"), architecture)};
}

}  // namespace

workload::Transformer model_of(const RowCells& row) {
  Issues unknown;
  const std::string name(row.text("model"));
  const auto known = workload::find_model(name, unknown);
  require_known(row, known.has_value());
  auto model = known ? *known : by_rule(row);
  model.name = name;
  const auto width = row.integer("hidden");
  if (width && known && *width != model.hidden)
    model.head_dim = 0;  // a scaled relative: the catalogue's no longer fits
  lay_over(model.layers, row.integer("layers"));
  lay_over(model.hidden, width);
  lay_over(model.heads, row.integer("heads"));
  lay_over(model.kv_heads, row.integer("kv_heads"));
  lay_over(model.ffn, row.integer("ffn"));
  lay_over(model.vocabulary, row.integer("vocab"));
  lay_over_experts(model, row);
  require(model.layers, "layers", name, workload::most_layers);
  require(model.hidden, "hidden", name);
  require(model.heads, "heads", name);
  if (const auto length = row.integer("seq_len_tokens")) model.context = std::max(model.context, *length);
  pack_samples(model, row);
  model.fill_defaults();
  return model;
}

}  // namespace plenum::analysis
