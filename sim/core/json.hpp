// JSON as people write it, with the position of every value kept, so that every later complaint can point at it.
// Grammar, strings and numbers are nlohmann/json's (its SAX parser); positions, duplicate keys, non-finite numbers and
// a limit on depth are found here. All issues of a text are reported, not only the first, as far as its grammar allows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::json {

inline constexpr int max_depth = 64;

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  ///< in the order written

class Value {
 public:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data;  ///< null at first
  Position where;

  bool is_object() const { return std::holds_alternative<Object>(data); }
  bool is_array() const { return std::holds_alternative<Array>(data); }
  bool is_string() const { return std::holds_alternative<std::string>(data); }
  const Value* find(std::string_view key) const;  ///< member of an object, or nullptr
  Value* find(std::string_view key);
  std::string_view kind() const;  ///< "object", "array", "string", "integer", "number", "boolean", "null"
};

struct Member {
  std::string key;
  Position where;  ///< of the key
  Value value;
};

/// The document, or nothing with at least one error in `issues`. `name` is what positions call the text. With duplicate
/// keys it is returned all the same, so that later readers can add their complaints: ask issues.has_errors() as well.
std::optional<Value> parse(std::string_view text, const std::string& name, Issues& issues);
inline constexpr std::size_t largest_file = std::size_t{8} << 20;  ///< bytes; a hundred times any sensible file
std::optional<Value> parse_file(const std::filesystem::path& file, Issues& issues);

/// Value at a JSON pointer (RFC 6901), or nullptr.
const Value* at(const Value& root, std::string_view pointer);

/// `--set /json/pointer=value`: the value is JSON if it parses as JSON, else a string. Creates missing object members.
/// False with an error in `issues` when the pointer leads through something that is neither object nor array.
bool set(Value& root, std::string_view assignment, Issues& issues);

/// Position for complaints about `pointer`: of the value itself, or of its nearest existing ancestor.
Position position_of(const Value& root, std::string_view pointer);

/// The same content on one line: keys sorted, numbers in their shortest exact form, no positions. What digests are made
/// of.
std::string canonical(const Value& value);

/// `parent`/`key`, escaped for use as a JSON pointer.
std::string pointer_join(std::string_view parent, std::string_view key);

}  // namespace plenum::json
