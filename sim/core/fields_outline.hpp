// The table of fields as data, for those who only want to know what there is: schema and explanations.
#pragma once

#include <string>
#include <vector>

#include "sim/core/fields.hpp"

namespace plenum {

struct OutlineField {
  enum class Kind { boolean, integer, number, text, quantity, choice, object };
  std::string name, doc;
  bool required = false;
  bool list = false;  ///< of `kind`
  Kind kind = Kind::object;
  Range range;
  const UnitFamily* family = nullptr;  ///< of a quantity
  std::vector<std::string> names;      ///< of a choice; of the catalogue that an object may be taken from
  std::string catalogue_kind, catalogue_listing;
  std::vector<std::string> bases;    ///< fields of an object each of which stands for all required ones
  json::Value default_value;         ///< null: none
  std::vector<OutlineField> fields;  ///< of an object
};

std::vector<OutlineField> outline(const DescribeRoot&);

}  // namespace plenum
