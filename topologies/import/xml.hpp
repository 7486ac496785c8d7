// XML as a tree with positions, read by expat. Entities are never expanded: a document type declaration is refused, and
// with it every bomb made of entities. Depth, lengths of names and values, and the number of elements are bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::topology::xml {

struct Element {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Element> children;
  Position where;

  /// Empty when there is none.
  std::string_view attribute(std::string_view key) const;
};

inline constexpr std::size_t deepest = 64, longest_word = 4096, most_elements = 4'000'000;

/// The root, or nothing with an error at its line and column.
std::optional<Element> parse(std::string_view text, const std::string& name, Issues&);

/// The same checks without a tree, for texts that another reader takes. Positions of all elements called `element`.
std::optional<std::vector<Position>> positions_of(std::string_view element, std::string_view text,
                                                  const std::string& name, Issues&);

}  // namespace plenum::topology::xml
