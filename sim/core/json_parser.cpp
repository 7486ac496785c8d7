// Grammar by nlohmann/json's SAX parser; a cursor over the raw text follows its events and so knows where each token
// stands: from the end of the token before, past white space and separators.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/core/files.hpp"
#include "sim/core/json.hpp"
#include "sim/core/json_syntax.hpp"

namespace plenum::json {
namespace {

constexpr int enough_overflows = 20;

/// Builds the document from the parser's events. A handler returns false to stop the parser.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const std::string& name, Issues& issues)
      : text_(text), cursor_(text), issues_(issues), where_token_{name} {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add_number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto largest = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    return value <= largest ? add_number(static_cast<std::int64_t>(value)) : add_number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return add_number(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in JSON text
  bool start_object(std::size_t) override { return open(Object{}); }
  bool start_array(std::size_t) override { return open(Array{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const Position& where = next_token();
    auto& members = std::get<Object>(levels_.back().value->data);
    const auto [first, is_new] = levels_.back().keys.emplace(name, members.size());
    members.push_back({std::move(name), where, {}});
    if (!is_new) complain_of_second(members[first->second].where);
    expected_ = Expected::colon;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    constexpr int number_overflow = 406;
    overflow_ = error.id == number_overflow;
    if (overflow_) {
      next_token();
      return false;
    }
    const OpenContainer* innermost = levels_.empty() ? nullptr : &levels_.back().open;
    std::string message = explain_syntax_error(cursor_, expected_, innermost);
    issues_.error(here(), "", std::move(message));
    return false;
  }

  /// The text goes on behind a NUL byte, which nlohmann/json takes for its end.
  bool all_was_read() {
    cursor_.skip_space();
    if (cursor_.at_end()) return true;
    std::string message = explain_syntax_error(cursor_, Expected::nothing, nullptr);
    issues_.error(here(), "", std::move(message));
    return false;
  }

  bool overflow() const { return overflow_; }
  const Position& where_overflow() const { return where_token_; }
  std::size_t overflow_begin() const { return token_begin_; }
  std::size_t overflow_end() const { return cursor_.offset(); }
  Value take() { return std::move(root_); }

 private:
  struct Level {
    Value* value;
    OpenContainer open;
    std::map<std::string, std::size_t> keys;  ///< which member has it first
  };

  Position here() const { return {where_token_.file, cursor_.line(), cursor_.column()}; }

  const Position& next_token() {
    cursor_.skip_space_and_separators();
    where_token_.line = cursor_.line();
    where_token_.column = cursor_.column();
    token_begin_ = cursor_.offset();
    cursor_.skip_token();
    return where_token_;
  }

  /// Where the next value belongs.
  Value& place() {
    if (levels_.empty()) return root_;
    Value& parent = *levels_.back().value;
    if (auto* object = std::get_if<Object>(&parent.data)) return object->back().value;
    return std::get<Array>(parent.data).emplace_back();
  }

  template <class T>
  bool add(T&& data) {
    Value& value = place();
    value.where = next_token();
    value.data = std::forward<T>(data);
    after_value();
    return true;
  }

  /// The parser takes "04" for 0 and then 4; people don't.
  template <class T>
  bool add_number(T value) {
    add(value);
    const std::string_view token = text_.substr(token_begin_, cursor_.offset() - token_begin_);
    if (is_number(token)) return true;
    issues_.error(where_token_, "", explain_word(token));
    return false;
  }

  void after_value() { expected_ = levels_.empty() ? Expected::nothing : Expected::comma_or_end; }

  template <class Container>
  bool open(Container container) {
    Value& value = place();
    value.where = next_token();
    value.data = std::move(container);
    if (levels_.size() == max_depth) {
      issues_.error(value.where, "", fmt::format("values are nested more than {} levels deep", max_depth));
      return false;
    }
    levels_.push_back({&value, {value.is_object(), value.where.line, value.where.column}, {}});
    expected_ = value.is_object() ? Expected::key_or_end : Expected::value_or_end;
    return true;
  }

  bool close() {
    next_token();
    levels_.pop_back();
    after_value();
    return true;
  }

  void complain_of_second(const Position& first) {
    std::string pointer;
    for (const Level& level : levels_) {
      const auto* members = std::get_if<Object>(&level.value->data);
      pointer = pointer_join(
          pointer, members ? members->back().key : std::to_string(std::get<Array>(level.value->data).size() - 1));
    }
    const std::string& name = std::get<Object>(levels_.back().value->data).back().key;
    issues_.error(where_token_, pointer,
                  fmt::format("\"{}\" is written twice; the first is at {}:{}", name, first.line, first.column));
  }

  std::string_view text_;
  TextCursor cursor_;
  Issues& issues_;
  Value root_;
  std::vector<Level> levels_;
  Expected expected_ = Expected::document;
  std::size_t token_begin_ = 0;
  Position where_token_;
  bool overflow_ = false;
};

std::string not_utf8(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) return "the file starts with a byte order mark; save it as UTF-8 without one";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "the file is UTF-16; save it as UTF-8";
  if (text.starts_with("\x28\xB5\x2F\xFD") || text.starts_with("\x1F\x8B"))
    return "the file is compressed; unpack it first";
  return "";
}

}  // namespace

/// The parser stops at a number beyond double's range: complain, put a zero in its place, and read on from the start.
std::optional<Value> parse(std::string_view text, const std::string& name, Issues& issues) {
  if (std::string message = not_utf8(text); !message.empty()) {
    issues.error({name, 1, 1}, "", std::move(message));
    return std::nullopt;
  }
  std::string patched(text);
  Issues overflows;
  for (int round = 0;; ++round) {
    Issues found;
    Builder builder(patched, name, found);
    const bool good = nlohmann::json::sax_parse(patched, &builder) && builder.all_was_read();
    const std::size_t begin = builder.overflow_begin(), end = builder.overflow_end();
    if (builder.overflow())
      overflows.error(
          builder.where_overflow(), "",
          fmt::format("{} is too large for a number", text.substr(begin, std::min<std::size_t>(end - begin, 24))));
    if (builder.overflow() && round < enough_overflows) {
      std::fill(patched.begin() + static_cast<std::ptrdiff_t>(begin),
                patched.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      patched[begin] = '0';
      continue;
    }
    for (const auto& issue : overflows.all()) issues.add(issue);
    for (const auto& issue : found.all()) issues.add(issue);
    if (!good) return std::nullopt;
    return builder.take();
  }
}

std::optional<Value> parse_file(const std::filesystem::path& file, Issues& issues) {
  const auto text = read_whole(file, issues, largest_file);
  return text ? parse(*text, file.string(), issues) : std::nullopt;
}

}  // namespace plenum::json
