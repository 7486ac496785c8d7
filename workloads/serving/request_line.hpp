// One line of a request list, in any of the formats of request_file.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "workloads/serving/request.hpp"

namespace plenum::workload {

/// The request of a line, at the time that it states; nothing and the reason when it holds none.
using LineReader = std::function<std::optional<Request>(const std::string& line, std::string& problem)>;

/// For the columns that a header names, or nothing when it lacks prompt and output tokens.
std::optional<LineReader> csv_line_reader(const std::string& header);

/// For Mooncake's objects and those of recorded vLLM runs (LLMServingSim).
std::optional<LineReader> json_line_reader();

}  // namespace plenum::workload
