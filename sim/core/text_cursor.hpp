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
    if (left.starts_with('"')) return skip_in_line(string_length(left));
    if (std::string_view("[]{}").find(peek()) != std::string_view::npos) return advance(1);
    advance(std::min(left.find_first_of(" \t\r\n,:]}"), left.size()));
  }

 private:
  void step() {
    const char c = text_[offset_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if (begins_a_character(c)) {
      ++column_;
    }
  }
  static bool begins_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

  /// Past so many bytes without a line's end among them.
  void skip_in_line(std::size_t bytes) {
    const std::string_view passed = text_.substr(offset_, bytes);
    column_ += static_cast<int>(std::ranges::count_if(passed, begins_a_character));
    offset_ += passed.size();
  }
  void skip(std::string_view what) {
    while (!at_end() && what.find(peek()) != what.npos) step();
  }
  static std::size_t string_length(std::string_view text) {
    for (auto quote = text.find('"', 1); quote != text.npos; quote = text.find('"', quote + 1)) {
      const std::size_t backslashes = quote - 1 - text.find_last_not_of('\\', quote - 1);
      if (backslashes % 2 == 0) return quote + 1;
    }
    return text.size();
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  int line_ = 1, column_ = 1;
};

}  // namespace plenum::json
