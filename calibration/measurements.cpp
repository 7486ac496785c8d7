#include "calibration/measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "calibration/table_cells.hpp"
#include "sim/core/csv.hpp"

namespace plenum::calibration {
namespace {

std::optional<Precision> product_precision(std::string_view dtype) {
  if (dtype == "bfloat16") return Precision::bf16;
  if (dtype == "fp8") return Precision::fp8;
  if (dtype == "fp8_block") return Precision::fp8_block;
  if (dtype == "nvfp4") return Precision::nvfp4;
  return std::nullopt;  // weight-only formats of inference
}

void read_products(const CsvTable& table, ProductTimes* by_precision, Issues& issues) {
  Cells cells(table, issues);
  for (const auto& row : table.rows) {
    const auto precision = product_precision(cells.text(row, "gemm_dtype"));
    if (!precision) continue;
    const double microseconds = 1e3 * cells.number<double>(row, "latency");
    const ProductShape shape{cells.number<std::int64_t>(row, "m"), cells.number<std::int64_t>(row, "n"),
                             cells.number<std::int64_t>(row, "k")};
    by_precision[static_cast<std::size_t>(*precision)][shape].push_back(
        {std::string(cells.text(row, "framework")), microseconds});
  }
}

/// Training keeps no cache: rows whose K and V are stored in another format than they are computed in are left out,
/// and so are sliding windows and continued prompts.
std::optional<Precision> attention_precision(const Cells& cells, const CsvTable::Row& row) {
  const auto window = cells.text(row, "window_size");
  if ((!window.empty() && window != "0") || cells.text(row, "step") != "0") return std::nullopt;
  const auto dtype = cells.text(row, "attn_dtype");
  if (dtype != cells.text(row, "kv_cache_dtype")) return std::nullopt;
  if (dtype == "bfloat16") return Precision::bf16;
  if (dtype == "fp8") return Precision::fp8;
  return std::nullopt;
}

void read_attention(const CsvTable& table, AttentionTimes* by_precision, Issues& issues) {
  Cells cells(table, issues);
  for (const auto& row : table.rows) {
    const auto precision = attention_precision(cells, row);
    if (!precision) continue;
    const AttentionShape shape{cells.number<std::int64_t>(row, "head_dim"),
                               cells.number<std::int64_t>(row, "batch_size"), cells.number<std::int64_t>(row, "isl"),
                               cells.number<std::int64_t>(row, "num_heads"),
                               cells.number<std::int64_t>(row, "num_key_value_heads")};
    by_precision[static_cast<std::size_t>(*precision)][shape].push_back(1e3 * cells.number<double>(row, "latency"));
  }
}

std::optional<Precision> sustained_precision(std::string_view dtype) {
  if (dtype == "bf16" || dtype == "fp16") return Precision::bf16;
  if (dtype == "fp8_e4m3") return Precision::fp8;
  if (dtype == "fp4") return Precision::nvfp4;
  return std::nullopt;
}

/// "8192x4096x1024"
std::optional<ProductShape> parse_shape(std::string_view text) {
  std::array<std::int64_t, 3> sizes{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, sizes[i]);
    if (error != std::errc() || sizes[i] <= 0 || (i < 2 && (next == end || *next != 'x'))) return std::nullopt;
    at = i < 2 ? next + 1 : next;
  }
  return at == end ? std::optional(ProductShape{sizes[0], sizes[1], sizes[2]}) : std::nullopt;
}

}  // namespace

OpTables read_op_tables(const std::filesystem::path& measurements, const std::string& system, Issues& issues) {
  OpTables tables;
  const auto index = read_csv(measurements / "ops" / "INDEX.csv", issues);
  if (!index) return tables;
  for (const auto& entry : index->rows) {
    if (index->cell(entry, "system") != system) continue;
    const auto table = read_csv(measurements / "ops" / index->cell(entry, "file"), issues);
    if (!table) continue;
    if (index->cell(entry, "op") == "gemm") read_products(*table, tables.matrix_product.data(), issues);
    if (index->cell(entry, "op") == "attention") read_attention(*table, tables.attention.data(), issues);
  }
  return tables;
}

std::optional<Timing> representative_product(Precision precision, std::vector<Timing> timings) {
  if (precision != Precision::bf16) std::erase_if(timings, [](const Timing& t) { return t.framework != "TRTLLM"; });
  if (timings.empty()) return std::nullopt;
  std::sort(timings.begin(), timings.end(), [](auto& a, auto& b) { return a.microseconds < b.microseconds; });
  const Timing &low = timings[(timings.size() - 1) / 2], &high = timings[timings.size() / 2];
  return Timing{low.framework, (low.microseconds + high.microseconds) / 2, (low.cast + high.cast) / 2};
}

double representative_attention(const std::vector<double>& microseconds) {
  return *std::min_element(microseconds.begin(), microseconds.end());
}

bool held_out(const ProductShape& s) { return one_in_three(s.m, s.n, s.k); }
bool held_out(const AttentionShape& s) { return one_in_three(s.head_dim, s.batch, s.length, s.heads, s.kv_heads); }

std::vector<SustainedRate> read_sustained_rates(const std::filesystem::path& measurements, const std::string& gpu,
                                                Issues& issues) {
  std::vector<SustainedRate> rates;
  const auto table = read_csv(measurements / "gpu_mamf.csv", issues);
  if (!table || gpu.empty()) return rates;
  Cells cells(*table, issues);
  for (const auto& row : table->rows) {
    const auto precision = sustained_precision(cells.text(row, "dtype"));
    const auto shape = parse_shape(cells.text(row, "gemm_MxNxK"));
    if (cells.text(row, "gpu") == gpu && precision && shape)
      rates.push_back({*precision, *shape, 1e12 * cells.number<double>(row, "achieved_tflops")});
  }
  return rates;
}

}  // namespace plenum::calibration
