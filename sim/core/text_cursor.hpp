// A place in a JSON text that moves forward only and knows its line and column (in characters, not bytes).
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace plenum::json {

class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  std::string_view rest() const { return text_.substr(offset_); }
  bool at_end() const { return offset_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[offset_]; }
  std::size_t offset() const { return offset_; }
  int line() const { return line_; }
  int column() const { return column_; }

  void advance(std::size_t bytes) {
    for (; bytes > 0 && !at_end(); --bytes) step();
  }
  void skip_space() { skip(" \t\r\n"); }
  void skip_space_and_separators() { skip(" \t\r\n,:"); }
  /// Past the value, key or bracket that starts here and is known to be well-formed.
  void skip_token() {
    const std::string_view left = rest();
    if (left.starts_with('"')) return advance(string_length(left));
    if (std::string_view("[]{}").find(peek()) != std::string_view::npos) return advance(1);
    advance(std::min(left.find_first_of(" \t\r\n,:]}"), left.size()));
  }

 private:
  void step() {
    const auto byte = static_cast<unsigned char>(text_[offset_++]);
    const bool continues_a_character = (byte & 0xC0) == 0x80;
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if (!continues_a_character) {
      ++column_;
    }
  }
  void skip(std::string_view what) {
    while (!at_end() && what.find(peek()) != what.npos) step();
  }
  static std::size_t string_length(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '"') return i + 1;
      if (text[i] == '\\') ++i;
    }
    return text.size();
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  int line_ = 1, column_ = 1;
};

}  // namespace plenum::json
