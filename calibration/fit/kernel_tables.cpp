#include "calibration/fit/kernel_tables.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "calibration/measurements.hpp"
#include "calibration/table_cells.hpp"

namespace plenum::calibration {
namespace {

using Row = CsvTable::Row;
constexpr double shortest_prompt = 16;  // tokens; the tables' prompts of one token are decoding

/// vLLM ran FlashInfer's CUTLASS kernels for experts beside others: on Hopper for block-scaled ones that are spread, on
/// B200 for some models.
std::optional<Framework> framework_of(std::string_view name, std::string_view kernel) {
  if (kernel.find("flashinfer_cutlass") != std::string_view::npos) return Framework::cutlass;
  if (name == "VLLM" || name == "vLLM") return Framework::vllm;
  if (name == "SGLang") return Framework::sglang;
  if (name == "TRTLLM") return Framework::tensorrt_llm;
  return std::nullopt;
}

std::optional<Precision> precision_of(std::string_view dtype) {
  static constexpr std::array<std::pair<std::string_view, Precision>, 7> names{{{"bfloat16", Precision::bf16},
                                                                                {"fp8", Precision::fp8},
                                                                                {"fp8_block", Precision::fp8_block},
                                                                                {"nvfp4", Precision::nvfp4},
                                                                                {"w4a16_mxfp4", Precision::mxfp4},
                                                                                {"w4a8_mxfp4_mxfp8", Precision::mxfp4},
                                                                                {"int4_wo", Precision::int4}}};
  const auto found = std::find_if(names.begin(), names.end(), [&](auto& entry) { return entry.first == dtype; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// One table on its way into samples.
struct Reader {
  Cells cells;
  KernelSamples& samples;

  double size(const Row& row, std::string_view name) { return cells.number<double>(row, name); }
  void add(const Row& row, KernelFamily family, std::string_view dtype_column, std::int64_t head_dim,
           KernelSample sample) {
    const auto framework = framework_of(cells.text(row, "framework"), cells.text(row, "kernel_source"));
    const auto precision = precision_of(cells.text(row, dtype_column));
    if (!framework || !precision) return;
    sample.microseconds = 1e3 * size(row, "latency");
    samples[{family, *framework, *precision, head_dim}].push_back(sample);
  }
};

template <class... Size>
bool held(Size... sizes) {
  return one_in_three(static_cast<std::int64_t>(sizes)...);
}

void context_attention(Reader& reader, const Row& row) {
  const auto window = reader.cells.text(row, "window_size");
  const double length = reader.size(row, "isl");
  if ((!window.empty() && window != "0") || length < shortest_prompt) return;
  if (reader.cells.text(row, "attn_dtype") != reader.cells.text(row, "kv_cache_dtype")) return;
  const double batch = reader.size(row, "batch_size"), heads = reader.size(row, "num_heads"),
               kv_heads = reader.size(row, "num_key_value_heads"), head_dim = reader.size(row, "head_dim");
  reader.add(row, KernelFamily::prefill_attention, "attn_dtype", std::int64_t(head_dim),
             {.sizes = {length, batch * heads, std::min(1.0, kv_heads / heads)},
              .held_out = held(head_dim, batch, length, heads, kv_heads)});
}

void generation_attention(Reader& reader, const Row& row) {
  const double batch = reader.size(row, "batch_size"), heads = reader.size(row, "num_heads"),
               kv_heads = reader.size(row, "num_key_value_heads"), head_dim = reader.size(row, "head_dim"),
               context = reader.size(row, "step") + 1;
  reader.add(row, KernelFamily::decode_attention, "kv_cache_dtype", std::int64_t(head_dim),
             {.sizes = {batch * kv_heads, context, std::max(1.0, heads / kv_heads)},
              .held_out = held(head_dim, batch, context, heads, kv_heads)});
}

void context_mla(Reader& reader, const Row& row) {
  const double length = reader.size(row, "isl"), batch = reader.size(row, "batch_size"),
               heads = reader.size(row, "num_heads");
  if (length < shortest_prompt) return;
  reader.add(row, KernelFamily::mla_prefill, "kv_cache_dtype", 0,
             {.sizes = {length, batch, heads}, .held_out = held(batch, length, heads)});
}

void generation_mla(Reader& reader, const Row& row) {
  const double batch = reader.size(row, "batch_size"), context = reader.size(row, "step") + 1,
               heads = reader.size(row, "num_heads");
  reader.add(row, KernelFamily::mla_decode, "kv_cache_dtype", 0,
             {.sizes = {batch, context, heads}, .held_out = held(batch, context, heads)});
}

void mla_bmm(Reader& reader, const Row& row) {
  const double tokens = reader.size(row, "num_tokens"), heads = reader.size(row, "num_heads");
  const double side = reader.cells.text(row, "op_name") == "mla_gen_post" ? 2 : 1;
  reader.add(row, KernelFamily::mla_absorption, "bmm_dtype", 0,
             {.sizes = {tokens, heads, side}, .held_out = held(tokens, heads, side)});
}

void moe(Reader& reader, const Row& row) {
  const double tokens = reader.size(row, "num_tokens"), hidden = reader.size(row, "hidden_size"),
               inter = reader.size(row, "inter_size"), top_k = reader.size(row, "topk"),
               experts = reader.size(row, "num_experts"), tensor = reader.size(row, "moe_tp_size"),
               expert = reader.size(row, "moe_ep_size");
  const bool balanced = reader.cells.text(row, "distribution") == "balanced";
  const ExpertLoad load =
      expert_load(tokens, top_k, experts, experts / expert, balanced ? Routing::balanced : Routing::skewed);
  reader.add(row, balanced ? KernelFamily::moe : KernelFamily::moe_skewed, "moe_dtype", 0,
             {.sizes = expert_sizes(load, inter / tensor, {}),
              .held_out = held(tokens, hidden, inter, top_k, experts, tensor, expert),
              .hidden = hidden,
              .load = load});
}

/// vLLM's block-scaled products wait for the host (none takes less than 80 us), which CUDA graphs hide in service.
void gemm(Reader& reader, const Row& row) {
  const auto dtype = reader.cells.text(row, "gemm_dtype");
  if (dtype == "bfloat16" || (dtype == "fp8_block" && reader.cells.text(row, "framework") == "VLLM")) return;
  const double m = reader.size(row, "m"), n = reader.size(row, "n"), k = reader.size(row, "k");
  reader.add(row, KernelFamily::linear_layer, "gemm_dtype", 0, {.sizes = {m, n, k}, .held_out = held(m, n, k)});
}

using ReadRow = void (*)(Reader&, const Row&);
constexpr std::array<std::pair<std::string_view, ReadRow>, 7> readers{{{"attention", context_attention},
                                                                       {"generation_attention", generation_attention},
                                                                       {"context_mla", context_mla},
                                                                       {"generation_mla", generation_mla},
                                                                       {"mla_bmm", mla_bmm},
                                                                       {"moe", moe},
                                                                       {"gemm", gemm}}};

}  // namespace

KernelSamples read_kernel_tables(const std::filesystem::path& measurements, const std::string& system, Issues& issues) {
  KernelSamples samples;
  const auto index = read_csv(measurements / "ops" / "INDEX.csv", issues);
  if (!index) return samples;
  for (const auto& entry : index->rows) {
    if (index->cell(entry, "system") != system) continue;
    const auto reader = std::find_if(readers.begin(), readers.end(),
                                     [&](auto& known) { return known.first == index->cell(entry, "op"); });
    if (reader == readers.end()) continue;
    const auto table = read_csv(measurements / "ops" / index->cell(entry, "file"), issues);
    if (!table) continue;
    Reader into{Cells(*table, issues), samples};
    for (const auto& row : table->rows) reader->second(into, row);
  }
  return samples;
}

}  // namespace plenum::calibration
