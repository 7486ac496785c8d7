#include "calibration/fit/device_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "calibration/packed_numbers.hpp"

namespace plenum::calibration {
namespace {

std::string numbers(const std::vector<double>& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

/// Objects of a list, each indented by six spaces.
template <class T>
std::string list(const std::vector<T>& values, const std::function<std::string(const T&)>& text) {
  std::string result = "[";
  for (std::size_t i = 0; i < values.size(); ++i)
    result += fmt::format("{}\n      {{{}}}", i == 0 ? "" : ",", text(values[i]));
  return result + (values.empty() ? "]" : "\n    ]");
}

/// One line per run of the last axis.
std::string surface_text(const Surface& surface, const std::array<std::string_view, 3>& axes) {
  std::string result;
  for (std::size_t a = 0; a < 3; ++a) result += fmt::format(",\n       \"{}\": {}", axes[a], numbers(surface.nodes[a]));
  result += ",\n       \"microseconds\": [";
  const auto line = static_cast<std::ptrdiff_t>(surface.nodes[2].size());
  for (auto row = surface.microseconds.begin(); row != surface.microseconds.end(); row += line)
    result += fmt::format("{}\n         \"{}\"", row == surface.microseconds.begin() ? "" : ",",
                          packed({row, row + line}, 4));
  return result + "]";
}

std::string text_of(const SustainedSlowdown& s) {
  return fmt::format("\"precision\": \"{}\", \"factor\": {:.4g}, \"rows\": {}", name_of(s.precision), s.factor, s.rows);
}

std::string text_of(const MemoryKernelRate& r) {
  return fmt::format("\"kernel\": \"{}\", \"fused\": {}, \"fraction\": {:.4g}", name_of(r.kernel), r.fused, r.fraction);
}

std::string text_of(const Accuracy& a) {
  return fmt::format(
      "\"family\": \"{}\", {}\"precision\": \"{}\", \"size\": \"{}\", \"rows\": {}, "
      "\"median_abs_error\": {:.3g}, \"p90_abs_error\": {:.3g}",
      a.family, a.framework == Framework::any ? "" : fmt::format("\"framework\": \"{}\", ", name_of(a.framework)),
      name_of(a.precision), a.size, a.rows, a.median_abs_error, a.p90_abs_error);
}

std::string text_of(const MatrixProductCurve& c) {
  return fmt::format("\"precision\": \"{}\"{}", name_of(c.precision), surface_text(c.surface, {"m", "n", "k"}));
}

std::string text_of(const AttentionCurve& c) {
  return fmt::format("\"precision\": \"{}\", \"head_dim\": {}{}", name_of(c.precision), c.head_dim,
                     surface_text(c.surface, {"length", "batch_heads", "kv_heads_per_head"}));
}

std::string habits_text(const KernelHabits& habits) {
  std::string text;
  for (const auto& [name, value] :
       {std::pair("unrouted", habits.unrouted), std::pair("computed", habits.computed),
        std::pair("expert", habits.expert), std::pair("step", habits.step), std::pair("empty_row", habits.empty_row)})
    if (value > 0) text += fmt::format("\"{}\": {:.2g}, ", name, value);
  return text;
}

std::string text_of(const RooflineCurve& c) {
  return fmt::format(
      "\"family\": \"{}\", \"framework\": \"{}\", \"precision\": \"{}\", {}\"floor\": \"{:.3g} us\", {}\n"
      "       \"times_roofline\": \"{}\"",
      name_of(c.family), name_of(c.framework), name_of(c.precision),
      c.head_dim > 0 ? fmt::format("\"head_dim\": {}, ", c.head_dim) : "", c.floor.value() * 1e6, habits_text(c.habits),
      packed(c.times_roofline, 3));
}

template <class T>
std::string member(std::string_view name, const std::vector<T>& values) {
  return fmt::format(",\n    \"{}\": {}", name, list<T>(values, [](const T& value) { return text_of(value); }));
}

}  // namespace

std::string with_fitted(const std::string& head, const Fitted& fitted) {
  std::string result = head.substr(0, head.rfind("\n}"));
  result += fmt::format(",\n  \"fitted\": {{\n    \"launch\": \"{:.4g} us\",\n    \"memory_fraction\": {:.4g}",
                        fitted.launch.value() * 1e6, fitted.memory_fraction);
  if (fitted.under_load) result += ",\n    \"under_load\": true";
  if (fitted.power)
    result += fmt::format(
        ",\n    \"power\": {{\"products\": \"{:.4g} W\", \"memory\": \"{:.4g} W\", \"idle\": \"{:.4g} W\", "
        "\"clock\": {:.4g}}}",
        fitted.power->products.value(), fitted.power->memory.value(), fitted.power->idle.value(), fitted.power->clock);
  if (!fitted.memory_kernels.empty()) result += member("memory_kernels", fitted.memory_kernels);
  result += member("sustained_slowdown", fitted.sustained_slowdown);
  result += member("accuracy", fitted.accuracy);
  result += member("matrix_products", fitted.matrix_products);
  result += member("attention", fitted.attention);
  if (!fitted.attention_backward.empty()) result += member("attention_backward", fitted.attention_backward);
  result += member("kernels", fitted.kernels);
  return result + "\n  }\n}\n";
}

}  // namespace plenum::calibration
