// Members of a Hugging Face config.json with their positions; every complaint is kept.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "sim/core/issue.hpp"
#include "sim/core/json.hpp"

namespace plenum::workload {

class ConfigReader {
 public:
  ConfigReader(const json::Value& config, std::string pointer, Issues& issues)
      : config(config), pointer_(std::move(pointer)), issues_(issues) {}

  /// Null and absent leave `target` as it is; that is an error only when `required`.
  void size(std::string_view key, std::int64_t& target, bool required, std::int64_t most = largest) {
    if (key.empty()) return;
    const json::Value* value = present(key);
    if (!value) {
      if (required) error(config, "", fmt::format("\"{}\" is missing", key));
    } else if (const auto* number = std::get_if<std::int64_t>(&value->data); !number) {
      error(*value, key, fmt::format("expected an integer, found {}", value->kind()));
    } else if (*number < 1 || *number > most) {
      error(*value, key, fmt::format("{} is not between 1 and {}", *number, most));
    } else {
      target = *number;
    }
  }

  /// The first of `keys` that is there: releases of one architecture call the same thing differently.
  void size(std::initializer_list<std::string_view> keys, std::int64_t& target, bool required,
            std::int64_t most = largest) {
    for (const std::string_view key : keys)
      if (present(key)) return size(key, target, required, most);
    size(*keys.begin(), target, required, most);
  }

  bool flag(std::string_view key, bool otherwise) {
    const json::Value* value = key.empty() ? nullptr : present(key);
    if (!value) return otherwise;
    if (const auto* written = std::get_if<bool>(&value->data)) return *written;
    error(*value, key, fmt::format("expected true or false, found {}", value->kind()));
    return otherwise;
  }

  std::string text(std::string_view key) const {
    const json::Value* value = present(key);
    return value && value->is_string() ? std::get<std::string>(value->data) : "";
  }

  const json::Value* present(std::string_view key) const {
    const json::Value* value = config.find(key);
    return value && !std::holds_alternative<std::nullptr_t>(value->data) ? value : nullptr;
  }

  void error(const json::Value& at, std::string_view key, std::string message) {
    issues_.error(at.where, pointer_to(key), std::move(message));
  }
  void warning(const json::Value& at, std::string_view key, std::string message) {
    issues_.warning(at.where, pointer_to(key), std::move(message));
  }
  std::string pointer_to(std::string_view key) const {
    return key.empty() ? pointer_ : json::pointer_join(pointer_, key);
  }

  ConfigReader below(const json::Value& object, std::string_view key) const {
    return {object, pointer_to(key), issues_};
  }

  const json::Value& config;

 private:
  static constexpr std::int64_t largest = 1 << 24;

  std::string pointer_;
  Issues& issues_;
};

}  // namespace plenum::workload
