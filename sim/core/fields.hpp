// One table of fields per struct, read four ways. A struct that appears in a JSON file has one function
//
//   void describe(Fields& fields, Cluster& cluster) {
//     fields.required("nodes", cluster.nodes, "Number of nodes", at_least(1));
//     fields.optional("link", cluster.link, "Bandwidth of one cable, per direction");   // default = the value it has
//   }
//
// and with it the reader (values and all issues with positions), the writer, the JSON schema and `plenum explain` agree
// by construction. Quantities must be written with their unit; unknown and duplicate keys are errors with a suggestion.
#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"
#include "sim/core/json.hpp"
#include "sim/core/units.hpp"

namespace plenum {

/// Bounds of a number or of a quantity's SI value, both inclusive; `open_low` excludes the lower one.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;
};
constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range positive() { return {.low = 0, .open_low = true}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }

struct FieldInfo {
  std::string_view name;
  std::string_view doc;
  bool required = false;
  Range range;
};

/// Named things that can stand where an object is expected.
struct Catalogue {
  /// A member of the object that names what the object starts from; its other members then override that.
  struct Base {
    std::string_view name, doc;
  };
  std::string_view kind;     ///< "model"
  std::string_view listing;  ///< "plenum list models"
  std::function<std::vector<std::string>()> names;
  /// Why there is no such entry, empty when there is one; without this function the entries are exactly the names.
  std::function<std::string(const std::string&)> refusal;
  std::vector<Base> bases;
};

class Fields;
template <class T>
concept Described = requires(Fields& fields, T& value) {
  describe(fields, value);
};

/// Enumerations that appear in JSON declare their names:  std::span<const std::string_view> names_of(Schedule);
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  { names_of(value) } -> std::convertible_to<std::span<const std::string_view>>;
};

class Fields {
 public:
  virtual ~Fields() = default;

  template <class T>
  void required(std::string_view name, T& value, std::string_view doc, Range range = {}) {
    visit({name, doc, true, range}, value);
  }
  template <class T>
  void optional(std::string_view name, T& value, std::string_view doc, Range range = {}) {
    visit({name, doc, false, range}, value);
  }

  /// Visits the fields of an object, on the value to be filled.
  using Describe = std::function<void(Fields&)>;

  /// A required field that is either the name of a catalogue's entry, stored in `entry`, or an object written in place:
  /// then `create` makes room for it and `describe_it` reads it. Whoever loads the file has put the fields of the bases
  /// into the object before it is read.
  void named_or_object(std::string_view name, std::string& entry, bool present, std::string_view doc,
                       const Catalogue& catalogue, const std::function<void()>& create, const Describe& describe_it) {
    catalogued({name, doc, true, {}}, entry, present, catalogue, create, describe_it);
  }
  template <Described T>
  void named_or_object(std::string_view name, std::string& entry, std::optional<T>& value, std::string_view doc,
                       const Catalogue& catalogue) {
    named_or_object(
        name, entry, value.has_value(), doc, catalogue, [&value] { value.emplace(); },
        [&value](Fields& fields) { describe(fields, *value); });
  }

 protected:
  /// Element i of a list: makes room for it when it is not there yet.
  using Element = std::function<Describe(std::size_t)>;

  virtual void boolean(const FieldInfo&, bool&) = 0;
  virtual void integer(const FieldInfo&, std::int64_t&) = 0;
  virtual void number(const FieldInfo&, double&) = 0;
  virtual void text(const FieldInfo&, std::string&) = 0;
  virtual void quantity(const FieldInfo&, double& value, const UnitFamily&) = 0;
  virtual void choice(const FieldInfo&, std::size_t& index, std::span<const std::string_view> names) = 0;
  virtual void object(const FieldInfo&, const Describe&) = 0;
  virtual void optional_object(const FieldInfo&, bool present, const std::function<void()>& create,
                               const Describe&) = 0;
  virtual void catalogued(const FieldInfo&, std::string& entry, bool present, const Catalogue&,
                          const std::function<void()>& create, const Describe&) = 0;
  virtual void objects(const FieldInfo&, std::size_t size, const Element&) = 0;
  virtual void texts(const FieldInfo&, std::vector<std::string>&) = 0;
  virtual void integers(const FieldInfo&, std::vector<std::int64_t>&) = 0;
  virtual void numbers(const FieldInfo&, std::vector<double>&) = 0;

 private:
  void visit(const FieldInfo& info, bool& value) { boolean(info, value); }
  void visit(const FieldInfo& info, std::int64_t& value) { integer(info, value); }
  void visit(const FieldInfo& info, double& value) { number(info, value); }
  void visit(const FieldInfo& info, std::string& value) { text(info, value); }
  void visit(const FieldInfo& info, std::vector<std::string>& value) { texts(info, value); }
  void visit(const FieldInfo& info, std::vector<std::int64_t>& value) { integers(info, value); }
  void visit(const FieldInfo& info, std::vector<double>& value) { numbers(info, value); }
  template <class D, class Rep>
  void visit(const FieldInfo& info, Quantity<D, Rep>& value) {
    double si = static_cast<double>(value.value());
    quantity(info, si, unit_family<Quantity<D, Rep>>());
    value = Quantity<D, Rep>(static_cast<Rep>(si));
  }
  template <NamedEnum T>
  void visit(const FieldInfo& info, T& value) {
    auto index = static_cast<std::size_t>(value);
    choice(info, index, names_of(value));
    value = static_cast<T>(index);
  }
  template <Described T>
  void visit(const FieldInfo& info, T& value) {
    object(info, [&value](Fields& fields) { describe(fields, value); });
  }
  template <Described T>
  void visit(const FieldInfo& info, std::optional<T>& value) {
    optional_object(
        info, value.has_value(), [&value] { value.emplace(); }, [&value](Fields& fields) { describe(fields, *value); });
  }
  template <Described T>
  void visit(const FieldInfo& info, std::vector<T>& value) {
    objects(info, value.size(), [&value](std::size_t index) -> Describe {
      if (index >= value.size()) value.resize(index + 1);
      return [&value, index](Fields& fields) { describe(fields, value[index]); };
    });
  }
};

using DescribeRoot = Fields::Describe;

/// Fills the struct behind `describe_root` from an object; every problem becomes an issue with its position.
void read_fields(const json::Value& object, const std::string& pointer, const DescribeRoot&, Issues&);

/// The struct's values as an object that read_fields would read back to the same, defaults included; every position is
/// `where`.
json::Value write_fields(const DescribeRoot&, const Position& where);

/// JSON schema (draft 2020-12) of the struct; units become string patterns with an example.
nlohmann::ordered_json schema_of(const DescribeRoot&, std::string_view title);

/// What `plenum explain /pointer` prints: meaning, kind, unit, bounds, default; the fields below an object.
/// Array indices in the pointer may be any number. Nothing when there is no such field.
std::optional<std::string> explain_field(const DescribeRoot&, std::string_view pointer);

}  // namespace plenum
