// Devices that inherit their curves against per-operator timings of the cards themselves (measurements/profiles).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "calibration/device.hpp"
#include "calibration/fit/fit.hpp"
#include "calibration/table_cells.hpp"

namespace plenum::calibration {
namespace {

double median_error(const std::string& gpu, const std::string& table_name, bool with_cache,
                    double (*predict)(const Device&, Cells&, const CsvTable::Row&)) {
  Issues issues;
  const auto device = load_device(gpu, {}, "", issues);
  const auto table = read_csv(measurement_directory() / "profiles" / table_name, issues);
  if (!device || !table) return INFINITY;
  Cells cells(*table, issues);
  std::vector<double> errors;
  for (const auto& row : table->rows) {
    if (cells.text(row, "gpu") != gpu) continue;
    if (table->column("cached_tokens") && (cells.text(row, "cached_tokens") != "0") != with_cache) continue;
    const double measured = cells.number<double>(row, "microseconds");
    errors.push_back(std::abs(1e6 * predict(*device, cells, row) / measured - 1));
  }
  EXPECT_FALSE(issues.has_errors());
  EXPECT_GE(errors.size(), 8U) << gpu;
  std::nth_element(errors.begin(), errors.begin() + std::ptrdiff_t(errors.size() / 2), errors.end());
  return errors[errors.size() / 2];
}

double product(const Device& device, Cells& cells, const CsvTable::Row& row) {
  const auto size = [&](std::string_view name) { return cells.number<std::int64_t>(row, name); };
  return device.matrix_product(size("m"), size("n"), size("k"), 1, Precision::bf16).time.value();
}

double attention(const Device& device, Cells& cells, const CsvTable::Row& row) {
  const auto size = [&](std::string_view name) { return cells.number<std::int64_t>(row, name); };
  const auto cached = cells.text(row, "cached_tokens") == "0" ? 0 : size("cached_tokens");
  if (size("new_tokens") == 1)
    return device
        .decode_attention(size("batch"), size("heads"), size("kv_heads"), cached + 1, 128, Precision::bf16,
                          Framework::vllm)
        .time.value();
  return device
      .prefill_attention(1, size("heads"), size("kv_heads"), size("new_tokens"), cached, 128, Precision::bf16,
                         Framework::vllm)
      .time.value();
}

// The scales of both cards were taken from the same products (two numbers for 600 and 1,200 timings); their attention
// was not looked at but for the share of the peak that a lonely block reaches.
TEST(Profiles, OfCardsThatInheritTheirCurves) {
  EXPECT_LT(median_error("RTX-4090", "matrix_products.csv.zst", false, product), 0.06);
  EXPECT_LT(median_error("RTX-PRO-6000", "matrix_products.csv.zst", false, product), 0.07);
  EXPECT_LT(median_error("RTX-4090", "attention.csv.zst", true, attention), 0.25);
  EXPECT_LT(median_error("RTX-PRO-6000", "attention.csv.zst", true, attention), 0.2);
}

}  // namespace
}  // namespace plenum::calibration
