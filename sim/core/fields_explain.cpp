#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sim/core/fields_outline.hpp"
#include "sim/core/fields_text.hpp"

namespace plenum {
namespace {

using Kind = OutlineField::Kind;

std::vector<std::string_view> views(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

std::string scalar_kind(const OutlineField& field) {
  switch (field.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::text:
      return "string";
    case Kind::quantity:
      return fmt::format("{} like \"{}\"", field.family->name, field.family->example);
    case Kind::choice:
      return "one of " + quoted_list(views(field.names));
    case Kind::object:
      break;
  }
  return field.catalogue_kind.empty() ? "object" : fmt::format("name ({}) or object", field.catalogue_listing);
}

std::string facts(const OutlineField& field) {
  std::string text = field.list ? fmt::format("list, each: {}", scalar_kind(field)) : scalar_kind(field);
  const std::string range = field.family ? text_of(field.range, *field.family) : text_of(field.range);
  if (!range.empty()) text += ", " + range;
  if (field.required) text += ", required";
  const bool has_default = !std::holds_alternative<std::nullptr_t>(field.default_value.data);
  if (has_default) text += fmt::format(", default {}", json::canonical(field.default_value));
  return text;
}

std::string listing(const std::vector<OutlineField>& fields) {
  std::size_t width = 0;
  for (const auto& field : fields) width = std::max(width, field.name.size());
  std::string text;
  for (const auto& field : fields)
    text += fmt::format("  {:<{}}  {}\n  {:<{}}  {}\n", field.name, width, field.doc, "", width, facts(field));
  return text;
}

bool is_index(std::string_view token) {
  return token == "-" ||
         (!token.empty() && std::ranges::all_of(token, [](unsigned char c) { return std::isdigit(c) != 0; }));
}

std::optional<std::string> explain_below(const OutlineField& field, std::string_view written, std::string_view rest);

std::optional<std::string> explain_in(const std::vector<OutlineField>& fields, std::string_view written,
                                      std::string_view rest) {
  if (rest.empty()) return listing(fields);
  if (rest.front() != '/') return std::nullopt;
  const auto end = std::min(rest.find('/', 1), rest.size());
  const auto found = std::ranges::find(fields, rest.substr(1, end - 1), &OutlineField::name);
  if (found == fields.end()) return std::nullopt;
  return explain_below(*found, written, rest.substr(end));
}

std::optional<std::string> explain_below(const OutlineField& field, std::string_view written, std::string_view rest) {
  if (field.list && rest.size() > 1) {
    const auto end = std::min(rest.find('/', 1), rest.size());
    if (!is_index(rest.substr(1, end - 1))) return std::nullopt;
    rest = rest.substr(end);
  }
  if (!rest.empty()) return explain_in(field.fields, written, rest);
  return fmt::format("{}: {}\n  {}\n{}", written, field.doc, facts(field), listing(field.fields));
}

}  // namespace

std::optional<std::string> explain_field(const DescribeRoot& describe_root, std::string_view pointer) {
  return explain_in(outline(describe_root), pointer, pointer);
}

}  // namespace plenum
