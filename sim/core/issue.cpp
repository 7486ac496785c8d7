#include "sim/core/issue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

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

void Issues::add_in_order(Issues others) {
  const auto place = [](const Issue& issue) {
    return std::tie(issue.where.file, issue.where.line, issue.where.column);
  };
  std::ranges::stable_sort(others.issues_, {}, place);
  std::ranges::move(others.issues_, std::back_inserter(issues_));
}

bool Issues::has_errors() const {
  return std::ranges::any_of(issues_, [](const Issue& issue) { return issue.severity == Severity::error; });
}

}  // namespace plenum
