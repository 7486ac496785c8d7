// Request lists as people publish them, recognized by their first line:
//   Azure LLM inference 2023/2024   TIMESTAMP,ContextTokens,GeneratedTokens      (date and time)
//   BurstGPT                        Timestamp,...,Request tokens,Response tokens (seconds)
//   Vidur, Splitwise arrived_at|arrival_s|arrival_timestamp,num_prefill_tokens|prefill_tokens|prompt_size,... Mooncake
//   {"timestamp": ms, "input_length": n, "output_length": n}, a line each; recorded vLLM runs (LLMServingSim)
//   {"queued_ts": s, "input_toks": n, "output_toks": n}, a line each
// Lists without times (lengths alone) arrive all at once.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "sim/core/issue.hpp"
#include "workloads/serving/request.hpp"

namespace plenum::workload {

/// A line that holds no request: thrown while the stream is read, since it is read as it is needed.
struct InvalidRequest : std::runtime_error {
  InvalidRequest(Issue what) : std::runtime_error(to_string(what)), issue(std::move(what)) {}
  Issue issue;
};

/// Nothing, with an issue, for a file that can't be read or whose first line is in no format known. Times start at
/// zero. Names ending in .zst are decompressed, others are read as they are asked for, whatever their size.
std::unique_ptr<RequestStream> open_request_file(const std::filesystem::path&, Issues&);

}  // namespace plenum::workload
