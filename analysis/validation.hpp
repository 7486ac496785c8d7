// Predictions held against measurements that others published. No knob per row, per model or per publication.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/core/issue.hpp"

namespace plenum::analysis {

struct Quantity {
  std::string name, unit;
  double predicted = 0;
  std::optional<double> measured;
  std::optional<double> error() const;  ///< predicted / measured - 1, signed
};

struct ValidationRow {
  std::string id;
  std::string reason;  ///< why it can't be predicted; empty when it was
  std::vector<Quantity> quantities;
  std::string footing;
  std::map<std::string, std::string> labels;  ///< family, gpu, precision, architecture, scale, completeness
};

struct Validation {
  std::string table;
  std::vector<ValidationRow> rows;
};

/// Rows of a table with the columns of the public training table. `progress(done, of)` is called as rows finish.
std::optional<Validation> validate_training(const std::filesystem::path& table, int processes,
                                            const std::function<void(std::size_t, std::size_t)>& progress, Issues&);

struct ErrorSummary {
  std::size_t rows = 0, predicted = 0, unsupported = 0, compared = 0;
  double median = 0, mean = 0, p95 = 0;  ///< of the absolute error, over rows that are measured
};
ErrorSummary summarize(const std::vector<const ValidationRow*>&);

nlohmann::ordered_json to_json(const Validation&);  ///< the format that README.md documents
std::string to_text(const Validation&);             ///< tables for a terminal

}  // namespace plenum::analysis
