#include "analysis/validation/collective/collective_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/validation/collective/collective_table.hpp"
#include "analysis/validation/collective/row_situation.hpp"
#include "analysis/validation/validation.hpp"

namespace plenum::analysis {
namespace {

using calibration::CollectiveSample;
using calibration::Curves;

struct Part {
  std::string_view name;
  std::vector<CollectiveSample> samples;
};

std::vector<Part> parts_of(const CsvTable& table) {
  std::vector<Part> parts{{"fitted", {}}, {"checked", {}}};
  for (const auto& row : table.rows) {
    const RowCells cells(table, row);
    try {
      const auto sample = sample_of(cells);
      if (sample.measured > Seconds()) parts[part_of(cells.text("group")) == "checked"].samples.push_back(sample);
    } catch (const Unsupported&) {
      continue;
    }
  }
  return parts;
}

std::string line(std::string_view name, const std::vector<CollectiveSample>& samples, const Curves& curves,
                 bool large) {
  std::vector<double> errors;
  for (const auto& sample : samples)
    if ((sample.bytes >= one_mebibyte) == large) errors.push_back(std::abs(calibration::error_of(sample, curves)));
  if (errors.empty()) return "";
  std::ranges::sort(errors);
  const auto at = [&](double share) {
    return 100 * errors[static_cast<std::size_t>(share * double(errors.size() - 1))];
  };
  return fmt::format("  {:<10} {:<16} {:>5} rows  median {:>5.1f} %  95th {:>5.1f} %\n", name,
                     large ? "1 MiB and more" : "below 1 MiB", errors.size(), at(0.5), at(0.95));
}

}  // namespace

std::optional<CollectiveFit> fit_collectives(const std::filesystem::path& file, Issues& issues) {
  const auto table = read_csv(file, issues);
  if (!table) return std::nullopt;
  const auto kind = collective_table();
  for (const auto column : kind.columns)
    if (!table->column(column)) issues.error({table->file, 1, 1}, "", fmt::format("needs the column \"{}\"", column));
  if (issues.has_errors()) return std::nullopt;
  const auto parts = parts_of(*table);
  const auto held_out = calibration::fit_curves(parts.front().samples);
  CollectiveFit fit;
  fit.report = "fitted on the groups \"fitted\" alone\n";
  auto all = parts.front().samples;
  all.insert(all.end(), parts.back().samples.begin(), parts.back().samples.end());
  for (const auto& part : parts)
    for (const bool large : {true, false}) fit.report += line(part.name, part.samples, held_out, large);
  fit.curves = calibration::fit_curves(all);
  fit.report += "fitted on all rows\n";
  for (const bool large : {true, false}) fit.report += line("all", all, fit.curves, large);
  return fit;
}

}  // namespace plenum::analysis
