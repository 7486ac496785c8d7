#include "sim/core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sim/core/json_syntax.hpp"

namespace plenum::json {
namespace {

std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const std::string_view two = token.substr(i, 2);
    if (two == "~0" || two == "~1") ++i;
    key += two == "~0" ? '~' : two == "~1" ? '/' : token[two == "~0" || two == "~1" ? i - 1 : i];
  }
  return key;
}

std::optional<std::size_t> index_of(std::string_view token) {
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = error == std::errc() && stop == token.data() + token.size();
  return whole ? std::optional(index) : std::nullopt;
}

std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    tokens.push_back(unescaped(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return tokens;
}

const Value* child(const Value& parent, std::string_view token) {
  if (const auto* array = std::get_if<Array>(&parent.data)) {
    const auto index = index_of(token);
    return index && *index < array->size() ? &(*array)[*index] : nullptr;
  }
  return parent.find(token);
}

/// The child to be assigned to or walked through, made, at `where`, where an object lacks it or where a list ends.
Value* child_for_writing(Value& parent, const std::string& token, const Position& where) {
  if (auto* object = std::get_if<Object>(&parent.data)) {
    if (Value* found = parent.find(token)) return found;
    return &object->emplace_back(Member{token, where, Value{Object{}, where}}).value;
  }
  auto* array = std::get_if<Array>(&parent.data);
  if (!array) return nullptr;
  const auto index = index_of(token);
  if (token == "-" || (index && *index == array->size())) return &array->emplace_back(Value{Object{}, where});
  return index && *index < array->size() ? &(*array)[*index] : nullptr;
}

std::string why_not(const Value& parent, const std::string& token, const std::string& pointer) {
  const std::string where = pointer.empty() ? "the document" : pointer;
  if (const auto* array = std::get_if<Array>(&parent.data))
    return fmt::format("{} is a list of {}; it has no element \"{}\"", where, array->size(), token);
  return fmt::format("{} is {} {}; nothing lies below it", where, parent.kind() == "integer" ? "an" : "a",
                     parent.kind());
}

void move_positions(Value& value, const Position& where) {
  value.where = where;
  if (auto* array = std::get_if<Array>(&value.data))
    for (auto& element : *array) move_positions(element, where);
  if (auto* object = std::get_if<Object>(&value.data))
    for (auto& member : *object) move_positions(member.value, where), member.where = where;
}

/// JSON if it looks or parses like it, else the text itself.
std::optional<Value> assigned_value(const std::string& text, const Position& where, Issues& issues) {
  Issues found;
  auto value = parse(text, where.file, found);
  const bool meant_as_json = text.find_first_of("{[\"") == 0 || is_number(text) || value.has_value();
  if (!meant_as_json) return Value{text, where};
  for (const auto& issue : found.all()) issues.error(where, issue.pointer, issue.message);
  if (value) move_positions(*value, where);
  return found.has_errors() ? std::nullopt : std::move(value);
}

std::string shortest(double number) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), result.ptr};
}

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      if (c == '"' || c == '\\') result.push_back('\\');
      result.push_back(c);
    }
  }
  result.push_back('"');
  return result;
}

std::string canonical_array(const Array& array) {
  std::vector<std::string> parts;
  for (const auto& element : array) parts.push_back(canonical(element));
  return fmt::format("[{}]", fmt::join(parts, ","));
}

std::string canonical_object(const Object& object) {
  std::vector<const Member*> members;
  for (const auto& member : object) members.push_back(&member);
  std::ranges::stable_sort(members, {}, &Member::key);
  std::vector<std::string> parts;
  for (const auto* member : members)
    parts.push_back(fmt::format("{}:{}", json_string(member->key), canonical(member->value)));
  return fmt::format("{{{}}}", fmt::join(parts, ","));
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&data);
  if (!object) return nullptr;
  const auto found = std::ranges::find(*object, key, &Member::key);
  return found == object->end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

std::string_view Value::kind() const {
  constexpr std::array<std::string_view, 7> kinds{"null", "boolean", "integer", "number", "string", "array", "object"};
  return kinds[data.index()];
}

const Value* at(const Value& root, std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return nullptr;
  const Value* value = &root;
  for (const auto& token : tokens_of(pointer))
    if (value = child(*value, token); !value) return nullptr;
  return value;
}

bool set(Value& root, std::string_view assignment, Issues& issues) {
  const Position where{fmt::format("--set {}", assignment), 0, 0};
  const auto equals = assignment.find('=');
  if (equals == assignment.npos || (equals > 0 && assignment.front() != '/')) {
    issues.error(where, "", "expected /json/pointer=value");
    return false;
  }
  auto value = assigned_value(std::string(assignment.substr(equals + 1)), where, issues);
  if (!value) return false;
  Value* target = &root;
  std::string walked;
  for (const auto& token : tokens_of(assignment.substr(0, equals))) {
    Value* next = child_for_writing(*target, token, where);
    if (!next) {
      issues.error(where, "", why_not(*target, token, walked));
      return false;
    }
    walked = pointer_join(walked, token);
    target = next;
  }
  *target = std::move(*value);
  return true;
}

Position position_of(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  if (!pointer.empty() && pointer.front() != '/') return root.where;
  for (const auto& token : tokens_of(pointer)) {
    const Value* next = child(*value, token);
    if (!next) break;
    value = next;
  }
  return value->where;
}

std::string canonical(const Value& value) {
  struct Writer {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return fmt::format("{}", i); }
    std::string operator()(double d) const { return shortest(d); }
    std::string operator()(const std::string& s) const { return json_string(s); }
    std::string operator()(const Array& array) const { return canonical_array(array); }
    std::string operator()(const Object& object) const { return canonical_object(object); }
  };
  return std::visit(Writer{}, value.data);
}

std::string pointer_join(std::string_view parent, std::string_view key) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : key) {
    if (c == '~' || c == '/')
      pointer += c == '~' ? "~0" : "~1";
    else
      pointer += c;
  }
  return pointer;
}

}  // namespace plenum::json
