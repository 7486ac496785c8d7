// A row of the training table as a scenario.
#pragma once

#include <optional>
#include <string>

#include "analysis/validation.hpp"
#include "sim/core/csv.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// Identity, labels and measurement of a row; its quantities hold no prediction yet.
ValidationRow describe_row(const CsvTable&, const CsvTable::Row&);

/// Measured step time in seconds: iter_time_s, else tokens per step over tokens per second, else derived_iter_time_s.
std::optional<double> measured_step_time(const CsvTable&, const CsvTable::Row&);

/// Names an NVIDIA GPU, layers, hidden, heads, seq_len_tokens, n_gpus, gbs_sequences, and tp and pp or fsdp_shards.
bool is_complete(const CsvTable&, const CsvTable::Row&);

/// The scenario, or nothing with the reason.
std::optional<scenario::Scenario> scenario_of(const CsvTable&, const CsvTable::Row&, std::string& reason);

}  // namespace plenum::analysis
