#include "sim/core/issue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace plenum {
namespace {

constexpr std::size_t longest_quote = 160, kept_of_quote = 80;

/// Text of foreign files on one line of a terminal: control characters would move its cursor.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

/// The first characters of `text`, none of them cut in two (UTF-8).
std::string_view head(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

/// A message with the long values that it quotes cut short; what is wrong shows at their head.
std::string with_short_quotes(std::string_view message) {
  std::string text;
  for (std::size_t open = message.find('"'); open != message.npos; open = message.find('"')) {
    const std::size_t close = message.find('"', open + 1);
    if (close == message.npos) break;
    const std::string_view quoted = message.substr(open + 1, close - open - 1);
    text += message.substr(0, open + 1);
    if (quoted.size() <= longest_quote)
      text += quoted;
    else
      text += fmt::format("{}... ({} characters)", head(quoted, kept_of_quote), quoted.size());
    text += '"';
    message.remove_prefix(close + 1);
  }
  text += message;
  return text;
}

}  // namespace

std::string to_string(const Issue& issue) {
  std::string text = issue.where.file;
  if (issue.where.line > 0) text += fmt::format(":{}:{}", issue.where.line, issue.where.column);
  if (!text.empty()) text += ": ";
  text += issue.severity == Severity::error ? "error: " : "warning: ";
  if (!issue.pointer.empty()) text += issue.pointer + ": ";
  return printable(text + with_short_quotes(issue.message));
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
