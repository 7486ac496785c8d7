// Request lists as people publish them, recognized by their first line:
//   Azure LLM inference 2023/2024   TIMESTAMP,ContextTokens,GeneratedTokens      (date and time)
//   BurstGPT                        Timestamp,...,Request tokens,Response tokens (seconds)
//   Vidur, Splitwise                arrived_at|arrival_s|arrival_timestamp,num_prefill_tokens|prefill_tokens|prompt_size,...
//   Mooncake       {"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [...]}, a line each; with
//                  "session_id", and "delay" (ms) instead of a time, it follows the line above
//   LLMServingSim  {"arrival_time_ns": ns, "input_toks": n, "output_toks": n, "input_tok_ids": [...]}; of
//                  recorded vLLM runs with "queued_ts" (s) instead of that time; of agents with
//                  "sub_requests" that follow one another, each after its "tool_duration_ns"
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
/// zero. Files are read (and decompressed, when their names end in .zst) as requests are asked for, whatever their size.
/// An id of hash_ids stands for `prefix_block_tokens` tokens.
std::unique_ptr<RequestStream> open_request_file(const std::filesystem::path&, Issues&,
                                                 std::int32_t prefix_block_tokens = 512);

}  // namespace plenum::workload
