// Words for bounds and lists, shared by the reader's complaints and by `plenum explain`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/core/fields.hpp"

namespace plenum {

bool within(double value, const Range&);

/// "at least 1", "greater than 0", "between 0 and 1", "greater than 0 and at most 1"; empty without bounds.
std::string text_of(const Range&);
std::string text_of(const Range&, const UnitFamily&);

/// `"a", "b" and "c"`
std::string quoted_list(std::span<const std::string_view>);

}  // namespace plenum
