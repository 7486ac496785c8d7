#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {
namespace {

/// Nearest rank: the least value that at least `share` of all values do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double median(const std::vector<double>& sorted) {
  const auto half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::vector<double> sorted_errors(const RowSelection& rows, std::size_t quantity) {
  std::vector<double> errors;
  for (const auto* row : rows)
    if (row->reason.empty() && quantity < row->quantities.size())
      if (const auto error = row->quantities[quantity].error()) errors.push_back(std::abs(*error));
  std::sort(errors.begin(), errors.end());
  return errors;
}

RowSelection of_part(const RowSelection& rows, const std::string& part) {
  RowSelection selected;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(selected), [&](const ValidationRow* row) {
    const auto label = row->labels.find("part");
    return label != row->labels.end() && label->second == part;
  });
  return selected;
}

}  // namespace

RowSelection judged_rows(const Validation& validation) {
  RowSelection rows;
  for (const auto& row : validation.rows)
    if (row.judged) rows.push_back(&row);
  return rows;
}

std::optional<double> gap_between_parts(const Validation& validation, std::size_t quantity) {
  const auto judged = judged_rows(validation);
  const auto checked = summarize(of_part(judged, "checked"), quantity);
  const auto fitted = summarize(of_part(judged, "fitted"), quantity);
  if (checked.compared == 0 || fitted.compared == 0) return std::nullopt;
  return checked.median - fitted.median;
}

ErrorSummary summarize(const RowSelection& rows, std::size_t quantity) {
  ErrorSummary summary;
  summary.rows = rows.size();
  for (const auto* row : rows) ++(row->reason.empty() ? summary.predicted : summary.unsupported);
  const auto errors = sorted_errors(rows, quantity);
  summary.compared = errors.size();
  if (errors.empty()) return summary;
  summary.median = median(errors);
  summary.mean = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  summary.p95 = percentile(errors, 0.95);
  return summary;
}

}  // namespace plenum::analysis
