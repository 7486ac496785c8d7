// Options of a command line with their values, as the text has them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"
#include "workloads/import/shell_words.hpp"

namespace plenum::workload {

/// "--name value ...", "--name=value" or, in YAML, "--name: value"; the last of several counts, as argparse has it.
/// What is wrong with a value becomes an issue at its place.
class OptionReader {
 public:
  OptionReader(std::string_view text, const std::string& name, Issues&);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The option's whole number, or `missing` without it.
  std::int64_t number(std::string_view name, std::int64_t missing, std::int64_t low = 1) const;
  double real(std::string_view name, double missing) const;
  double fraction(std::string_view name, double missing) const;  ///< 0 to 1
  /// One of `choices`: its place among them; `missing` without the option.
  std::size_t choice(std::string_view name, std::size_t missing, const std::vector<std::string>& choices) const;
  std::string text(std::string_view name) const;
  std::span<const ShellWord> values(std::string_view name) const;  ///< all of them
  const ShellWord* find(std::string_view name) const;

  /// Warnings: what is not known, and what is known, matters, and is not modelled.
  void tell_ignored() const;

  void problem(const ShellWord& word, std::string message) const { issues_.error(word.where, "", std::move(message)); }

 private:
  std::size_t take(const std::vector<ShellWord>& words, std::size_t at);
  const ShellWord* value_of(std::string_view name) const;

  Issues& issues_;
  std::map<std::string, std::vector<ShellWord>, std::less<>> options_;  ///< the option, then its values
};

}  // namespace plenum::workload
