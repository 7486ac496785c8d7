// Measured training steps: each row as a scenario, simulated.
#pragma once

#include <optional>
#include <string>

#include "analysis/validation/validation.hpp"
#include "sim/scenario/scenario.hpp"

namespace plenum::analysis {

/// `plenum validate training`: the columns of analysis/measurements/training_public.csv.
TableKind training_table();

/// Measured step time in seconds: iter_time_s, else tokens per step over tokens per second, else derived_iter_time_s.
std::optional<double> measured_step_time(const CsvTable&, const CsvTable::Row&);

/// Names an NVIDIA GPU, layers, hidden, heads, seq_len_tokens, n_gpus, gbs_sequences, and tp and pp or fsdp_shards.
bool is_complete(const CsvTable&, const CsvTable::Row&);

/// The row as a scenario, or nothing with the reason.
std::optional<scenario::Scenario> scenario_of(const CsvTable&, const CsvTable::Row&, std::string& reason);

/// Simulates a scenario of one training job; its quantity is "step_time" in seconds.
Prediction predict_step(scenario::Scenario);

}  // namespace plenum::analysis
