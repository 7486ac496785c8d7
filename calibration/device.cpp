#include "calibration/device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "calibration/device_file.hpp"
#include "calibration/inheritance.hpp"
#include "calibration/kernel_curves.hpp"

namespace plenum::calibration {
namespace {

constexpr std::size_t at(Precision p) { return static_cast<std::size_t>(p); }

Specification specification_of(const SpecificationText& text) {
  Specification result{text.architecture,    {},         text.memory,     text.memory_bandwidth,
                       text.multiprocessors, text.power, text.idle_power, text.host_slowdown};
  for (std::size_t p = 0; p < text.peak.dense.size(); ++p)
    if (text.peak.dense[p].value() > 0) result.peak[static_cast<Precision>(p)] = text.peak.dense[p];
  return result;
}

using AttentionCurves = decltype(KernelCurves::attention);

AttentionCurves by_head_dim(const std::vector<AttentionCurve>& curves) {
  AttentionCurves sorted;
  for (const auto& curve : curves)
    sorted[at(curve.precision)].push_back({double(curve.head_dim), PreparedSurface(curve.surface)});
  for (auto& of_precision : sorted)
    std::sort(of_precision.begin(), of_precision.end(), [](auto& a, auto& b) { return a.head_dim < b.head_dim; });
  return sorted;
}

void take_power(const PowerUnderLoad& power, KernelCurves& curves) {
  curves.fastest_clock = 1 / power.clock;
  curves.draw_of_memory = (power.memory - power.idle) / (power.products - power.idle) * power.clock;
}

/// `head`: the device's whose curves these are.
std::unique_ptr<KernelCurves> curves_of(const DeviceFile& head, const Fitted& fitted) {
  auto curves = std::make_unique<KernelCurves>();
  for (const auto& curve : fitted.matrix_products)
    curves->matrix_product[at(curve.precision)] = PreparedSurface(curve.surface);
  curves->attention = by_head_dim(fitted.attention);
  curves->attention_backward = by_head_dim(fitted.attention_backward);
  curves->sustained_slowdown.fill(1);
  for (const auto& s : fitted.sustained_slowdown) curves->sustained_slowdown[at(s.precision)] = s.factor;
  curves->under_load = fitted.under_load;
  for (const RooflineCurve& curve : fitted.kernels) curves->rooflines.add(curve);
  for (const Accuracy& a : fitted.accuracy)
    if (a.framework == Framework::any && a.size == "above 50 us")
      curves->held_out.push_back({a.family, a.precision, a.median_abs_error});
  curves->launch_microseconds = fitted.launch.value() * 1e6;
  const Seconds shortest = head.memory_launch > Seconds(0) ? head.memory_launch : fitted.launch;
  curves->memory_launch_microseconds = shortest.value() * 1e6;
  curves->memory_fraction = fitted.memory_fraction;
  for (auto& fractions : curves->memory_fractions) fractions.fill(fitted.memory_fraction);
  for (const auto& [kernel, fused, fraction] : fitted.memory_kernels)
    curves->memory_fractions[static_cast<std::size_t>(kernel)][fused ? 1 : 0] = fraction;
  if (fitted.power) take_power(*fitted.power, *curves);
  return curves;
}

/// A device measures its own products and perhaps attention; engines' kernels come from a relative.
void take_missing(KernelCurves&& relative, KernelCurves& curves) {
  curves.attention_inherited = curves.attention[at(Precision::bf16)].empty();
  if (curves.attention_inherited) curves.attention = std::move(relative.attention);
  curves.rooflines.inherit(std::move(relative.rooflines));
}

std::optional<Device> device_of(const DeviceFile& file, const std::filesystem::path& path, Issues& issues) {
  Device device;
  device.name = file.name;
  device.inherits = file.inherits;
  device.specification = specification_of(file.specification);
  if (file.fitted) {
    device.curves = curves_of(file, *file.fitted);
    device.curves->attention_backward_rate = file.attention_backward_rate;
    if (file.inherits.empty()) return device;
  }
  const auto relative = read_device_file(device_directory() / (file.inherits + ".json"), issues);
  if (!relative) return std::nullopt;
  if (!relative->fitted || !relative->inherits.empty()) {
    issues.error({path.string(), 0, 0}, "/inherits",
                 fmt::format("\"{}\" takes curves of \"{}\" itself; name that one", file.inherits, relative->inherits));
    return std::nullopt;
  }
  if (file.fitted) {
    take_missing(std::move(*curves_of(*relative, scaled(file, *relative))), *device.curves);
    return device;
  }
  device.curves = curves_of(*relative, scaled(file, *relative));
  if (file.memory_launch.value() > 0) device.curves->memory_launch_microseconds = file.memory_launch.value() * 1e6;
  device.curves->attention_backward_rate = file.attention_backward_rate;
  device.curves->inherited = true;
  device.curves->compute_scale = compute_scale(file, *relative);
  device.curves->attention_scale = file.scaling.attention;
  return device;
}

/// Names and aliases of all devices, each with the name of its file.
std::map<std::string, std::string> all_names(Issues& issues) {
  std::map<std::string, std::string> result;
  for (const std::string& name : device_names()) {
    result[name] = name;
    if (const auto head = read_device_head(device_directory() / (name + ".json"), issues))
      for (const std::string& alias : head->aliases) result[alias] = name;
  }
  return result;
}

/// The file's name for any name, or an issue with the nearest one. Aliases are read only for what is no file's name.
std::optional<std::string> find_name(const std::string& name, const Position& where, const std::string& pointer,
                                     Issues& issues) {
  const auto files = device_names();
  if (std::binary_search(files.begin(), files.end(), name)) return name;
  const auto known = all_names(issues);
  if (const auto found = known.find(name); found != known.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [alias, file] : known) names.push_back(alias);
  issues.error(where, pointer, fmt::format("unknown GPU \"{}\"{} (plenum list gpus)", name, suggestion(name, names)));
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Footing footing) {
  static constexpr std::array<std::string_view, 3> names{"measured", "inherited", "specification"};
  return names[static_cast<std::size_t>(footing)];
}

Device::Device() = default;
Device::Device(Device&&) noexcept = default;
Device& Device::operator=(Device&&) noexcept = default;
Device::~Device() = default;

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(device_directory(), unreadable))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<Device> load_device(const std::string& name, const Position& where, const std::string& pointer,
                                  Issues& issues) {
  const auto file_name = find_name(name, where, pointer, issues);
  if (!file_name) return std::nullopt;
  const auto path = device_directory() / (*file_name + ".json");
  const auto file = read_device_file(path, issues);
  return file ? device_of(*file, path, issues) : std::nullopt;
}

}  // namespace plenum::calibration
