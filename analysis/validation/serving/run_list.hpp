// A folder of recorded vLLM runs as a table: NAME__meta.json (what vLLM was started with) beside NAME__requests.jsonl
// (every request's times), each also as .zst. One row per run.
#pragma once

#include <filesystem>
#include <optional>

#include "sim/core/csv.hpp"
#include "sim/core/issue.hpp"

namespace plenum::analysis {

/// Columns: id, gpu, model, vllm_version, tensor_parallel_size, data_parallel_size, enable_expert_parallel,
/// max_num_seqs, max_num_batched_tokens, dtype, kv_cache_dtype, requests (the file), and what was measured: means over
/// requests ttft, tpot, end_to_end, over tokens itl, and throughput. Nothing, with errors, where the folder holds no
/// run or one that can't be read.
std::optional<CsvTable> read_runs(const std::filesystem::path& folder, Issues&);

}  // namespace plenum::analysis
