#include "sim/core/issue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenum {

std::string to_string(const Issue& issue) {
  std::string text = issue.where.file;
  if (issue.where.line > 0) text += fmt::format(":{}:{}", issue.where.line, issue.where.column);
  if (!text.empty()) text += ": ";
  text += issue.severity == Severity::error ? "error: " : "warning: ";
  if (!issue.pointer.empty()) text += issue.pointer + ": ";
  return text + issue.message;
}

void Issues::error(Position where, std::string pointer, std::string message) {
  add({Severity::error, std::move(where), std::move(pointer), std::move(message)});
}

void Issues::warning(Position where, std::string pointer, std::string message) {
  add({Severity::warning, std::move(where), std::move(pointer), std::move(message)});
}

bool Issues::has_errors() const {
  return std::ranges::any_of(issues_, [](const Issue& issue) { return issue.severity == Severity::error; });
}

}  // namespace plenum
