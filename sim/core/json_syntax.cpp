#include "sim/core/json_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace plenum::json {
namespace {

/// Length of the well-formed UTF-8 character at the beginning of `text` (RFC 3629, table in section 4), 0 when
/// ill-formed.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto within = [](unsigned b, unsigned low, unsigned high) { return b >= low && b <= high; };
  const auto tail = [&](std::size_t i) { return within(byte(i), 0x80, 0xBF); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (within(first, 0xC2, 0xDF)) return tail(1) ? 2 : 0;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (within(first, 0xE0, 0xEF)) return within(byte(1), low, high) && tail(2) ? 3 : 0;
  if (within(first, 0xF0, 0xF4)) return within(byte(1), low, high) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '+' || c == '-';
}

/// The word or character at the beginning of `text`, as it can be printed in a message.
std::string shown(std::string_view text) {
  constexpr std::size_t enough = 24;
  const auto end = std::ranges::find_if_not(text, is_word) - text.begin();
  if (end > 0)
    return fmt::format("\"{}\"", text.substr(0, std::min<std::size_t>(static_cast<std::size_t>(end), enough)));
  const auto byte = static_cast<unsigned char>(text.front());
  const std::size_t length = character_length(text);
  if (byte == '"') return "a string";
  if (byte < 0x20 || byte == 0x7F || length == 0) return fmt::format("the byte 0x{:02X}", byte);
  return fmt::format("\"{}\"", text.substr(0, length));
}

std::string container(const OpenContainer& open) {
  return fmt::format("the {} that starts at {}:{}", open.is_object ? "object" : "list", open.line, open.column);
}

std::string early_end(const OpenContainer* innermost) {
  if (!innermost) return "the text is empty; expected an object in { }";
  return fmt::format("the text ends inside {}; is a \"{}\" missing?", container(*innermost),
                     innermost->is_object ? '}' : ']');
}

std::string explain_escape(TextCursor& cursor) {
  const std::string_view text = cursor.rest();
  if (text.size() > 1 && text[1] == 'u')
    return "\"\\u\" in a string needs four hexadecimal digits, and surrogates stand in pairs";
  return fmt::format("unknown escape {} in a string; a backslash is written \"\\\\\"",
                     text.size() > 1 ? fmt::format("\"\\{}\"", text[1]) : "at the end");
}

bool good_unicode_escape(std::string_view text) {
  constexpr std::size_t length = 6;  // \uXXXX
  return text.size() >= length &&
         std::ranges::all_of(text.substr(2, 4), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// Walks to the first thing in the string that JSON does not allow.
std::string explain_string(TextCursor& cursor) {
  const TextCursor start = cursor;
  cursor.advance(1);
  while (!cursor.at_end() && cursor.peek() != '"') {
    const auto byte = static_cast<unsigned char>(cursor.peek());
    const std::string_view text = cursor.rest();
    if (byte == '\n' || byte == '\r') {
      cursor = start;
      return "the string is not closed on its line; is a closing quote missing?";
    }
    if (byte < 0x20)
      return fmt::format("the control character 0x{:02X} stands in a string; write it as an escape", byte);
    const std::size_t length = character_length(text);
    if (length == 0) return fmt::format("the byte 0x{:02X} is not UTF-8; save the file as UTF-8", byte);
    const bool escape = byte == '\\';
    const bool unicode = escape && text.substr(1).starts_with('u');
    const bool known =
        escape && text.size() > 1 && std::string_view("\"\\/bfnrt").find(text[1]) != std::string_view::npos;
    if (escape && !known && !(unicode && good_unicode_escape(text))) return explain_escape(cursor);
    cursor.advance(escape ? 2 : length);
  }
  const bool closed = !cursor.at_end();
  cursor = start;
  if (!closed) return "the string is never closed; is a closing quote missing?";
  return "the string holds half of a surrogate pair; write the character itself, or both halves";
}

std::string explain_value(TextCursor& cursor, std::string_view wanted) {
  const std::string_view text = cursor.rest();
  if (text.front() == '"') return explain_string(cursor);
  if (text.front() == '\'') return "texts stand in double quotes, not single ones";
  if (text.starts_with("//") || text.starts_with("/*") || text.front() == '#') return "JSON has no comments";
  if (text.front() == '}' || text.front() == ']')
    return fmt::format("expected {} before {}; is there a comma too many?", wanted, shown(text));
  if (is_word(text.front()) && wanted == "a value") return explain_word(text);
  return fmt::format("expected {}, not {}", wanted, shown(text));
}

std::string explain_document(TextCursor& cursor) {
  const auto byte = static_cast<unsigned char>(cursor.peek());
  if (byte < 0x20 || byte == 0x7F || character_length(cursor.rest()) == 0) return "the file is binary, not JSON text";
  return explain_value(cursor, "an object in { }");
}

std::string explain_separator(TextCursor& cursor, const OpenContainer& open) {
  const std::string_view text = cursor.rest();
  if (text.starts_with("//") || text.starts_with("/*") || text.front() == '#') return "JSON has no comments";
  const char end = open.is_object ? '}' : ']';
  const bool other_end = text.front() == (open.is_object ? ']' : '}');
  if (other_end) return fmt::format("\"{}\" cannot close {}; expected \"{}\"", text.front(), container(open), end);
  const bool letter = std::isalpha(static_cast<unsigned char>(text.front())) != 0;
  return fmt::format("expected \",\" or \"{}\" before {}; is a comma{} missing?", end, shown(text),
                     letter ? " or a quote" : "");
}

}  // namespace

bool is_number(std::string_view text) {
  const auto digits = [&text] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(end);
    return found;
  };
  const auto skip = [&text](std::string_view any) {
    const bool found = !text.empty() && any.find(text.front()) != any.npos;
    if (found) text.remove_prefix(1);
    return found;
  };
  skip("-");
  const std::string_view whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  if (skip(".") && digits().empty()) return false;
  if (!skip("eE")) return text.empty();
  skip("+-");
  return !digits().empty() && text.empty();
}

std::string explain_word(std::string_view text) {
  const auto length = std::ranges::find_if_not(text, is_word) - text.begin();
  std::string word(text.substr(0, static_cast<std::size_t>(length)));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool sign = word.find_first_of("+-") == 0;
  const std::string_view bare = std::string_view(word).substr(sign ? 1 : 0);
  if (bare == "nan" || bare == "inf" || bare == "infinity") return "JSON has no infinite or undefined numbers";
  if (word == "true" || word == "false" || word == "null") return fmt::format("write {} in small letters", word);
  if (word == "none" || word == "nil") return "there is no such value; leave the field out instead";
  if (sign || bare.find_first_of("0123456789.") == 0)
    return fmt::format("{} is not a number as JSON writes it, like 12, -0.5 or 1.6e13; with a unit it stands in quotes",
                       shown(text));
  return fmt::format("{} is no value; texts stand in double quotes", shown(text));
}

std::string explain_syntax_error(TextCursor& cursor, Expected expected, const OpenContainer* innermost) {
  cursor.skip_space();
  if (expected == Expected::colon && cursor.peek() == ':') {
    cursor.advance(1);
    expected = Expected::value;
  } else if (expected == Expected::comma_or_end && cursor.peek() == ',') {
    cursor.advance(1);
    expected = innermost->is_object ? Expected::key_or_end : Expected::value;
  }
  cursor.skip_space();
  if (cursor.at_end()) return early_end(innermost);
  switch (expected) {
    case Expected::nothing:
      return fmt::format("the document is complete before {}; remove what follows", shown(cursor.rest()));
    case Expected::colon:
      return fmt::format("expected \":\" after the name, not {}", shown(cursor.rest()));
    case Expected::comma_or_end:
      return explain_separator(cursor, *innermost);
    case Expected::document:
      return explain_document(cursor);
    case Expected::key_or_end:
      return explain_value(cursor, "a name in double quotes");
    default:
      return explain_value(cursor, "a value");
  }
}

}  // namespace plenum::json
