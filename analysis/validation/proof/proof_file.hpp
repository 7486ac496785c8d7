// Steps of real models on one GPU, as calibration/proof/measure.py records them: what a device's curves must foretell
// without ever having seen it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/core/fields.hpp"
#include "sim/core/precision.hpp"

namespace plenum::analysis {

enum class ProofKind : std::uint8_t { training, decode };
enum class ProofMode : std::uint8_t { eager, compiled, graphs };
std::span<const std::string_view> names_of(ProofKind);
std::span<const std::string_view> names_of(ProofMode);

/// One model in one mode. `tokens`: of a sequence; cached per sequence when decoding.
struct ProofRun {
  ProofKind kind{};
  ProofMode mode{};
  Precision precision = Precision::bf16;
  std::string model;
  std::int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, ffn = 0, vocabulary = 0;
  std::int64_t batch = 0, tokens = 0;
  std::vector<double> seconds;  ///< every repetition
};
void describe(Fields&, ProofRun&);

struct ProofFile {
  std::string format, gpu, date, software;
  bool complete = false;
  std::vector<ProofRun> runs;
};
void describe(Fields&, ProofFile&);

/// The runs as a table with the columns of training tables and kind, mode, batch, tokens and time (the median, seconds);
/// a file that was cut short is refused.
std::optional<CsvTable> read_proof(const std::filesystem::path&, Issues&);

}  // namespace plenum::analysis
