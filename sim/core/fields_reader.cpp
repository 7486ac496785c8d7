#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/core/fields.hpp"
#include "sim/core/fields_text.hpp"

namespace plenum {
namespace {

constexpr std::size_t names_worth_listing = 12;

std::string an(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

/// What was found, in the user's words: "a list", "the integer 8", "the string \"8\"".
std::string found(const json::Value& value) {
  constexpr std::size_t enough = 40;
  if (std::holds_alternative<std::nullptr_t>(value.data)) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  std::string text = json::canonical(value);
  if (text.size() > enough) return an(value.kind());
  return fmt::format("the {} {}", value.kind() == "boolean" ? "value" : value.kind(), text);
}

std::string refusal_of(const std::string& entry, const Catalogue& catalogue) {
  if (catalogue.refusal) return catalogue.refusal(entry);
  const auto names = catalogue.names();
  if (std::ranges::find(names, entry) != names.end()) return "";
  return fmt::format("unknown {} \"{}\"{} ({})", catalogue.kind, entry, suggestion(entry, names), catalogue.listing);
}

/// A hint for numbers in quotes.
std::string_view without_quotes(const json::Value& value) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (!text || text->empty()) return "";
  double number = 0;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_number = error == std::errc() && stop == text->data() + text->size() && std::isfinite(number);
  return is_number ? "; write it without quotes" : "";
}

class Reader final : public Fields {
 public:
  Reader(const json::Value& object, std::string pointer, Issues& issues)
      : object_(object), pointer_(std::move(pointer)), issues_(issues) {}

  void report_unknown_keys() {
    for (const auto& member : std::get<json::Object>(object_.data))
      if (std::ranges::find(known_, member.key) == known_.end()) unknown_key(member);
  }

 protected:
  void boolean(const FieldInfo& info, bool& target) override {
    const auto* value = find(info);
    if (!value) return;
    if (const auto* written = std::get_if<bool>(&value->data))
      target = *written;
    else
      wrong_kind(info, *value, "true or false");
  }

  void integer(const FieldInfo& info, std::int64_t& target) override {
    if (const auto* value = find(info)) read_integer(info, pointer_of(info), *value, target);
  }

  void number(const FieldInfo& info, double& target) override {
    if (const auto* value = find(info)) read_number(info, pointer_of(info), *value, target);
  }

  void text(const FieldInfo& info, std::string& target) override {
    if (const auto* value = find(info)) read_text(info, pointer_of(info), *value, target);
  }

  void quantity(const FieldInfo& info, double& target, const UnitFamily& family) override {
    const auto* value = find(info);
    if (!value) return;
    if (value->kind() == "integer" || value->kind() == "number")
      return error(info, *value,
                   fmt::format("{} has no unit; {} is written like \"{}\"", json::canonical(*value), family.name,
                               family.example));
    const auto* written = std::get_if<std::string>(&value->data);
    if (!written) return wrong_kind(info, *value, fmt::format("{} like \"{}\"", family.name, family.example));
    const ParsedQuantity parsed = parse_quantity(*written, family);
    if (!parsed.error.empty()) return error(info, *value, parsed.error);
    if (!within(parsed.value, info.range))
      return error(info, *value,
                   fmt::format("\"{}\" is out of range; it must be {}", *written, text_of(info.range, family)));
    target = parsed.value;
  }

  void choice(const FieldInfo& info, std::size_t& index, std::span<const std::string_view> names) override {
    const auto* value = find(info);
    if (!value) return;
    const auto* written = std::get_if<std::string>(&value->data);
    if (!written) return wrong_kind(info, *value, "one of " + quoted_list(names));
    const auto chosen = std::ranges::find(names, *written);
    if (chosen != names.end())
      index = static_cast<std::size_t>(chosen - names.begin());
    else
      error(info, *value,
            fmt::format("\"{}\" is none of {}{}", *written, quoted_list(names),
                        suggestion(*written, {names.begin(), names.end()})));
  }

  void object(const FieldInfo& info, const Describe& describe_it) override {
    if (const auto* value = find(info)) read_fields(*value, pointer_of(info), describe_it, issues_);
  }

  void optional_object(const FieldInfo& info, bool, const std::function<void()>& create,
                       const Describe& describe_it) override {
    const auto* value = find(info);
    if (!value) return;
    if (value->is_object())
      create();
    else
      return wrong_kind(info, *value, "an object");
    read_fields(*value, pointer_of(info), describe_it, issues_);
  }

  void catalogued(const FieldInfo& info, std::string& entry, bool, const Catalogue& catalogue,
                  const std::function<void()>& create, const Describe& describe_it) override {
    const auto* value = find(info);
    if (!value) return;
    if (value->is_object()) {
      create();
      return read_with_bases(*value, pointer_of(info), catalogue, describe_it);
    }
    const auto* written = std::get_if<std::string>(&value->data);
    if (!written) return wrong_kind(info, *value, fmt::format("the name of {} or an object", an(catalogue.kind)));
    entry = *written;
    if (std::string refusal = refusal_of(entry, catalogue); !refusal.empty()) error(info, *value, std::move(refusal));
  }

  void objects(const FieldInfo& info, std::size_t, const Element& element) override {
    each(info, "objects", [&](std::size_t index, const std::string& pointer, const json::Value& value) {
      read_fields(value, pointer, element(index), issues_);
    });
  }
  void texts(const FieldInfo& info, std::vector<std::string>& target) override {
    each(info, "strings", [&](std::size_t index, const std::string& pointer, const json::Value& value) {
      target.resize(index + 1);
      read_text(info, pointer, value, target[index]);
    });
  }
  void integers(const FieldInfo& info, std::vector<std::int64_t>& target) override {
    each(info, "integers", [&](std::size_t index, const std::string& pointer, const json::Value& value) {
      target.resize(index + 1);
      read_integer(info, pointer, value, target[index]);
    });
  }
  void numbers(const FieldInfo& info, std::vector<double>& target) override {
    each(info, "numbers", [&](std::size_t index, const std::string& pointer, const json::Value& value) {
      target.resize(index + 1);
      read_number(info, pointer, value, target[index]);
    });
  }

 private:
  void read_with_bases(const json::Value& object, const std::string& pointer, const Catalogue& catalogue,
                       const Describe& describe_it) {
    Reader below(object, pointer, issues_);
    for (const auto& base : catalogue.bases) {
      std::string only_checked;
      below.text({base.name, base.doc, false, {}}, only_checked);
    }
    describe_it(below);
    below.report_unknown_keys();
  }

  std::string pointer_of(const FieldInfo& info) const { return json::pointer_join(pointer_, info.name); }

  void error(const FieldInfo& info, const json::Value& value, std::string message) {
    issues_.error(value.where, pointer_of(info), std::move(message));
  }

  void wrong_kind(const FieldInfo& info, const json::Value& value, std::string_view wanted) {
    wrong_kind(pointer_of(info), value, wanted);
  }
  void wrong_kind(const std::string& pointer, const json::Value& value, std::string_view wanted,
                  std::string_view hint = "") {
    issues_.error(value.where, pointer, fmt::format("expected {}, not {}{}", wanted, found(value), hint));
  }

  /// The value of a field, when it is there and not null; complains when it has to be.
  const json::Value* find(const FieldInfo& info) {
    known_.push_back(info.name);
    const json::Value* value = object_.find(info.name);
    if (!value && info.required)
      issues_.error(object_.where, pointer_, fmt::format("\"{}\" is missing ({})", info.name, info.doc));
    if (!value || !std::holds_alternative<std::nullptr_t>(value->data)) return value;
    error(info, *value,
          info.required ? "null is no value; this field is required"
                        : "null is no value; leave the field out for its default");
    return nullptr;
  }

  void each(const FieldInfo& info, std::string_view of_what,
            const std::function<void(std::size_t, const std::string&, const json::Value&)>& read) {
    const auto* value = find(info);
    if (!value) return;
    const auto* array = std::get_if<json::Array>(&value->data);
    if (!array) return wrong_kind(info, *value, fmt::format("a list of {} in [ ]", of_what));
    for (std::size_t i = 0; i < array->size(); ++i)
      read(i, json::pointer_join(pointer_of(info), std::to_string(i)), (*array)[i]);
  }

  void check_range(const FieldInfo& info, const std::string& pointer, const json::Value& value, double number) {
    if (!within(number, info.range))
      issues_.error(value.where, pointer,
                    fmt::format("{} is out of range; it must be {}", json::canonical(value), text_of(info.range)));
  }

  void read_integer(const FieldInfo& info, const std::string& pointer, const json::Value& value, std::int64_t& target) {
    constexpr double exact_in_double = 0x1p53;
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
      target = *whole;
    } else if (const auto* real = std::get_if<double>(&value.data); real && std::trunc(*real) == *real) {  // 15.6e12
      if (std::abs(*real) > exact_in_double)
        return issues_.error(
            value.where, pointer,
            std::isfinite(info.range.high)
                ? fmt::format("{} is out of range; it must be {}", json::canonical(value), text_of(info.range))
                : fmt::format("{} is too large for an integer", json::canonical(value)));
      target = static_cast<std::int64_t>(*real);
    } else {
      return wrong_kind(pointer, value, "an integer", without_quotes(value));
    }
    check_range(info, pointer, value, static_cast<double>(target));
  }

  void read_number(const FieldInfo& info, const std::string& pointer, const json::Value& value, double& target) {
    if (const auto* real = std::get_if<double>(&value.data))
      target = *real;
    else if (const auto* whole = std::get_if<std::int64_t>(&value.data))
      target = static_cast<double>(*whole);
    else
      return wrong_kind(pointer, value, "a number", without_quotes(value));
    check_range(info, pointer, value, target);
  }

  void read_text(const FieldInfo&, const std::string& pointer, const json::Value& value, std::string& target) {
    const auto* written = std::get_if<std::string>(&value.data);
    if (!written) return wrong_kind(pointer, value, "a string");
    target = *written;
    if (std::ranges::any_of(target, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
      issues_.error(value.where, pointer, "control characters have no place in a text");
  }

  void unknown_key(const json::Member& member) {
    std::string hint = suggestion(member.key, {known_.begin(), known_.end()});
    if (hint.empty() && known_.size() <= names_worth_listing) hint = fmt::format("; there are {}", quoted_list(known_));
    issues_.error(member.where, json::pointer_join(pointer_, member.key),
                  fmt::format("unknown field \"{}\"{}", member.key, hint));
  }

  const json::Value& object_;
  std::string pointer_;
  Issues& issues_;
  std::vector<std::string_view> known_;
};

}  // namespace

void read_fields(const json::Value& object, const std::string& pointer, const DescribeRoot& describe_root,
                 Issues& issues) {
  if (!object.is_object())
    return issues.error(object.where, pointer, fmt::format("expected an object, not {}", found(object)));
  Reader reader(object, pointer, issues);
  describe_root(reader);
  reader.report_unknown_keys();
}

}  // namespace plenum
