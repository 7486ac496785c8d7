// Words of a command line or shell script, with their places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum::workload {

struct ShellWord {
  std::string text;  ///< without quotes; variables that the script sets are filled in
  Position where;
  std::string unset;  ///< a variable in it that the script does not set
};

/// Comments and line continuations are skipped, brackets around lists taken off. Assignments (NAME=value) are
/// variables, not words; ${NAME:-default} is the default where nothing is set.
std::vector<ShellWord> shell_words(std::string_view text, const std::string& name);

}  // namespace plenum::workload
