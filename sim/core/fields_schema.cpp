#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/fields_outline.hpp"

namespace plenum {
namespace {

using Schema = nlohmann::ordered_json;
using Kind = OutlineField::Kind;

Schema object_schema(const std::vector<OutlineField>& fields);

/// A number, then a unit; a dollar sign may stand in front. The reader knows the units, editors get the shape.
constexpr const char* quantity_pattern =
    R"(^\s*(\$\s*-?[0-9.]+([eE][-+]?[0-9]+)?|-?[0-9.]+([eE][-+]?[0-9]+)?\s*[A-Za-z$µμ]).*$)";

void add_bounds(Schema& schema, const Range& range) {
  if (std::isfinite(range.low)) schema[range.open_low ? "exclusiveMinimum" : "minimum"] = range.low;
  if (std::isfinite(range.high)) schema["maximum"] = range.high;
}

Schema scalar_schema(const OutlineField& field) {
  switch (field.kind) {
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::integer:
      return {{"type", "integer"}};
    case Kind::number:
      return {{"type", "number"}};
    case Kind::quantity:
      return {{"type", "string"}, {"pattern", quantity_pattern}, {"examples", {std::string(field.family->example)}}};
    case Kind::choice:
      return {{"enum", field.names}};
    default:
      return {{"type", "string"}};
  }
}

/// A name, or an object that has all it needs: a base to start from, or everything that is required.
Schema catalogued_schema(const OutlineField& field) {
  Schema object = object_schema(field.fields);
  if (!field.bases.empty() && object.contains("required")) {
    Schema enough = Schema::array({Schema{{"required", object["required"]}}});
    for (const auto& base : field.bases) enough.push_back({{"required", {base}}});
    object.erase("required");
    object["anyOf"] = std::move(enough);
  }
  const Schema name = {{"type", "string"}, {"examples", field.names}};
  return {{"oneOf", Schema::array({name, std::move(object)})}};
}

Schema value_schema(const OutlineField& field) {
  if (field.kind == Kind::object) {
    return field.catalogue_kind.empty() ? object_schema(field.fields) : catalogued_schema(field);
  }
  Schema schema = scalar_schema(field);
  if (field.kind == Kind::integer || field.kind == Kind::number) add_bounds(schema, field.range);
  return schema;
}

Schema default_of(const OutlineField& field) { return Schema::parse(json::canonical(field.default_value)); }

Schema field_schema(const OutlineField& field) {
  Schema schema = {{"description", field.doc}};
  if (field.list)
    schema.update({{"type", "array"}, {"items", value_schema(field)}});
  else
    schema.update(value_schema(field));
  if (Schema value = default_of(field); !value.is_null()) schema["default"] = std::move(value);
  return schema;
}

Schema object_schema(const std::vector<OutlineField>& fields) {
  Schema schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", Schema::object()}};
  Schema required = Schema::array();
  for (const auto& field : fields) {
    schema["properties"][field.name] = field_schema(field);
    if (field.required) required.push_back(field.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace

nlohmann::ordered_json schema_of(const DescribeRoot& describe_root, std::string_view title) {
  Schema schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", std::string(title)}};
  schema.update(object_schema(outline(describe_root)));
  return schema;
}

}  // namespace plenum
