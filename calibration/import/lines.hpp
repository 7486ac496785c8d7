// A program's output as numbered lines of words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenum::calibration {

struct Line {
  int number = 0;    ///< from 1
  std::string text;  ///< without terminal escapes and the end of the line
  std::vector<std::string> words;
};

std::vector<Line> lines_of(std::string_view text);

/// The cells of a comma-separated line, blanks around them removed.
std::vector<std::string> cells_of(std::string_view line);

/// A finite number and nothing else.
std::optional<double> number_of(std::string_view word);

}  // namespace plenum::calibration
