// Predicted against measured as a picture: one chart per quantity, both axes logarithmic, a colour per group of rows.
#pragma once

#include <string>

#include "analysis/validation/validation.hpp"

namespace plenum::analysis {

/// SVG. Rows that are judged are drawn; the diagonal and 20 % to both sides are lines. Groups are those of the label
/// that the table's kind names for pictures.
std::string picture_of(const Validation&);

}  // namespace plenum::analysis
