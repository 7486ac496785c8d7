#include "workloads/import/option_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "workloads/import/megatron_options.hpp"

namespace plenum::workload {
namespace {

constexpr std::int64_t most = std::int64_t{1} << 40;

/// The whole text as a number.
template <class Number>
std::optional<Number> parsed(const std::string& text) {
  Number result{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, result);
  return error == std::errc() && stop == end ? std::optional(result) : std::nullopt;
}

}  // namespace

OptionReader::OptionReader(std::string_view text, const std::string& name, Issues& issues) : issues_(issues) {
  const auto words = shell_words(text, name);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].text.starts_with("--")) i = take(words, i);
}

std::int64_t OptionReader::number(std::string_view name, std::int64_t missing, std::int64_t low) const {
  const auto* value = value_of(name);
  if (!value) return missing;
  const auto result = parsed<std::int64_t>(value->text);
  if (result && *result >= low && *result <= most) return *result;
  problem(*value, fmt::format("--{} takes a whole number from {} on, not \"{}\"", name, low, value->text));
  return missing;
}

double OptionReader::real(std::string_view name, double missing) const {
  const auto* value = value_of(name);
  if (!value) return missing;
  if (const auto result = parsed<double>(value->text)) return *result;
  problem(*value, fmt::format("--{} takes a number, not \"{}\"", name, value->text));
  return missing;
}

double OptionReader::fraction(std::string_view name, double missing) const {
  const double result = real(name, missing);
  if (result >= 0 && result <= 1) return result;
  problem(*value_of(name), fmt::format("--{} is a part of the whole, 0 to 1, not {}", name, result));
  return missing;
}

std::size_t OptionReader::choice(std::string_view name, std::size_t missing,
                                 const std::vector<std::string>& choices) const {
  const auto* value = value_of(name);
  if (!value) return missing;
  const auto found = std::ranges::find(choices, value->text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  problem(*value, fmt::format("--{} is \"{}\"{}; known here: {}", name, value->text, suggestion(value->text, choices),
                              fmt::join(choices, ", ")));
  return missing;
}

std::string OptionReader::text(std::string_view name) const {
  const auto* value = value_of(name);
  return value ? value->text : "";
}

std::span<const ShellWord> OptionReader::values(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::span<const ShellWord>() : std::span(found->second).subspan(1);
}

const ShellWord* OptionReader::find(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? nullptr : &found->second.front();
}

void OptionReader::tell_ignored() const {
  for (const auto& [name, words] : options_) {
    if (is_used(name) || has_no_effect(name)) continue;
    issues_.warning(words.front().where, "",
                    fmt::format("--{} is unknown here and ignored{}", name, suggestion(name, used_options())));
  }
}

std::size_t OptionReader::take(const std::vector<ShellWord>& words, std::size_t at) {
  std::string name = words[at].text.substr(2);
  std::vector<ShellWord> option{words[at]};
  if (const auto equals = name.find('='); equals != std::string::npos) {
    option.push_back({name.substr(equals + 1), words[at].where, words[at].unset});
    name.resize(equals);
  }
  if (name.ends_with(':')) name.pop_back();
  std::ranges::replace(name, '_', '-');
  while (at + 1 < words.size() && !words[at + 1].text.starts_with("--")) option.push_back(words[++at]);
  options_[name] = std::move(option);
  return at;
}

const ShellWord* OptionReader::value_of(std::string_view name) const {
  const auto found = options_.find(name);
  if (found == options_.end()) return nullptr;
  if (found->second.size() < 2) {
    problem(found->second.front(), fmt::format("--{} has no value", name));
    return nullptr;
  }
  const ShellWord& value = found->second[1];
  if (value.unset.empty()) return &value;
  problem(value, fmt::format("--{} is ${}, which this text does not set; write its value", name, value.unset));
  return nullptr;
}

}  // namespace plenum::workload
