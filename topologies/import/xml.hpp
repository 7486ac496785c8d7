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

/// What a text consists of, in its order.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void begin(std::string_view element, const char** attributes,
                     const Position&) = 0;  ///< key, value, ..., null
  virtual void text(std::string_view) {}    ///< may come in pieces
  virtual void end(std::string_view element) = 0;
};

/// The same checks without a tree, for texts that another reader takes. False with an error.
bool visit(std::string_view text, const std::string& name, Visitor&, Issues&);

/// Empty when there is none.
std::string_view attribute(const char** attributes, std::string_view key);

}  // namespace plenum::topology::xml
