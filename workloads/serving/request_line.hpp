// One line of a request list, in any of the formats of request_file.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "workloads/serving/request.hpp"

namespace plenum::workload {

struct RequestLine {
  Request request;                ///< at the time that the line states
  std::optional<Seconds> wait;    ///< it follows the line above it, so long after that is done
  std::vector<FollowUp> turns{};  ///< of its session, on the same line
  int number = 0;                 ///< of the line
};

struct LineProblem {
  std::string text;
  int column = 1;
};

/// What a line holds, or nothing and the reason.
using LineReader = std::function<std::optional<RequestLine>(const std::string& line, LineProblem&)>;

/// For the columns that a header names, or nothing when it lacks prompt and output tokens.
std::optional<LineReader> csv_line_reader(const std::string& header);

/// For the objects of Mooncake and LLMServingSim; an id of hash_ids stands for so many tokens.
LineReader json_line_reader(std::int32_t prefix_block_tokens);

/// The request of these numbers as they were written, or nothing and the reason.
std::optional<Request> checked_request(std::optional<double> time, std::optional<double> prompt,
                                       std::optional<double> output, LineProblem&);

}  // namespace plenum::workload
