#include "calibration/device_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "calibration/packed_numbers.hpp"
#include "sim/core/files.hpp"
#include "sim/core/json.hpp"

namespace plenum::calibration {
namespace {

void describe_surface(Fields& fields, Surface& surface, const std::array<std::string_view, 3>& axes) {
  for (std::size_t a = 0; a < 3; ++a)
    fields.required(axes[a], surface.nodes[a], "Nodes of this axis, ascending", positive());
  std::vector<std::string> rows;
  fields.required("microseconds", rows, "Times at the nodes, a text per run of the last axis, separated by blanks");
  surface.microseconds.clear();
  for (const std::string& row : rows)
    for (const double time : unpacked(row)) surface.microseconds.push_back(time);
}

constexpr std::string_view fitted_line = "  \"fitted\":";  // where the part of `plenum calibrate fit` begins

/// What single fields can't show; the message, or empty.
std::string wrong_with(const Surface& surface) {
  std::size_t expected = 1;
  for (const auto& nodes : surface.nodes) {
    if (nodes.size() < 2) return "an axis needs at least two nodes";
    if (std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) != nodes.end())
      return "the nodes of an axis must ascend";
    expected *= nodes.size();
  }
  if (surface.microseconds.size() == expected) return {};
  return fmt::format("{} positive times for {} nodes; the file may be truncated, run \"plenum calibrate fit\"",
                     surface.microseconds.size(), expected);
}

std::string wrong_with(const RooflineCurve& curve) {
  if (curve.times_roofline.size() == grid_of(curve.family).size()) return {};
  return fmt::format("needs {} positive numbers, one per node; the file may be truncated, run \"plenum calibrate fit\"",
                     grid_of(curve.family).size());
}

void check(const DeviceFile& device, const json::Value& root, Issues& issues) {
  const auto complain = [&](const std::string& pointer, const std::string& message) {
    if (!message.empty()) issues.error(json::position_of(root, pointer), pointer, message);
  };
  if (device.specification.peak.dense[static_cast<std::size_t>(Precision::bf16)].value() <= 0)
    complain("/specification/peak", "a device needs at least its bf16 peak");
  if (device.inherits.empty() && !device.fitted)
    complain("", device.measurements.empty()
                     ? "needs \"inherits\", the device whose curves it takes, or \"measurements\""
                     : "not fitted yet; run \"plenum calibrate fit\"");
  if (!device.fitted) return;
  const Fitted& fitted = *device.fitted;
  const auto is_bf16 = [](const auto& curve) { return curve.precision == Precision::bf16; };
  if (std::none_of(fitted.matrix_products.begin(), fitted.matrix_products.end(), is_bf16))
    complain("/fitted/matrix_products", "no curve for bf16, which the other precisions lean on");
  if (std::none_of(fitted.attention.begin(), fitted.attention.end(), is_bf16) && device.inherits.empty())
    complain("/fitted/attention", "no curve for bf16, which the other precisions lean on");
  const auto has = [&](Precision p) {
    return std::any_of(fitted.matrix_products.begin(), fitted.matrix_products.end(),
                       [p](const auto& curve) { return curve.precision == p; });
  };
  if (has(Precision::nvfp4) && !has(Precision::fp8))
    complain("/fitted/matrix_products", "a curve for nvfp4, but none for fp8, which it leans on");
  for (std::size_t i = 0; i < fitted.matrix_products.size(); ++i)
    complain(fmt::format("/fitted/matrix_products/{}", i), wrong_with(fitted.matrix_products[i].surface));
  for (std::size_t i = 0; i < fitted.attention.size(); ++i)
    complain(fmt::format("/fitted/attention/{}", i), wrong_with(fitted.attention[i].surface));
  for (std::size_t i = 0; i < fitted.attention_backward.size(); ++i)
    complain(fmt::format("/fitted/attention_backward/{}", i), wrong_with(fitted.attention_backward[i].surface));
  if (const auto& power = fitted.power; power && (power->idle >= power->memory || power->memory >= power->products))
    complain("/fitted/power", "products draw the most, idling the least");
  for (std::size_t i = 0; i < fitted.kernels.size(); ++i)
    complain(fmt::format("/fitted/kernels/{}/times_roofline", i), wrong_with(fitted.kernels[i]));
}

}  // namespace

void describe(Fields& fields, PeakRates& peak) {
  for (std::size_t p = 0; p < precision_names.size(); ++p)
    fields.optional(precision_names[p], peak.dense[p], "Dense peak of the matrix units", at_least(0));
}

void describe(Fields& fields, SpecificationText& s) {
  fields.required("architecture", s.architecture, "ampere, hopper or blackwell: decides NCCL's constants");
  fields.required("multiprocessors", s.multiprocessors, "Streaming multiprocessors", at_least(1));
  fields.required("peak", s.peak, "Dense peak rates by precision");
  fields.required("memory", s.memory, "Memory that a program can allocate", positive());
  fields.required("memory_bandwidth", s.memory_bandwidth, "Peak of the device memory", positive());
  fields.required("power", s.power, "Board power limit", positive());
  fields.required("idle_power", s.idle_power, "Board power without work", positive());
  fields.optional("host_slowdown", s.host_slowdown,
                  "Of superchips: time that one thread of their own processor takes for what an engine does between "
                  "kernels / of an x86 server",
                  between(0.1, 10));
}

void describe(Fields& fields, NumberSource& s) {
  fields.required("of", s.of, "Which numbers");
  fields.required("source", s.source, "Where they come from");
}

void describe(Fields& fields, Scaling& s) {
  fields.optional("compute", s.compute, "Compute rate relative to the inherited device; 0: ratio of peaks",
                  at_least(0));
  fields.optional("memory", s.memory, "Memory rate relative to the inherited device; 0: ratio of bandwidths",
                  at_least(0));
  fields.optional("attention", s.attention,
                  "Rate of attention over prompts and in forward passes relative to the inherited device, besides "
                  "\"compute\"",
                  between(0.1, 10));
}

void describe(Fields& fields, MatrixProductCurve& curve) {
  fields.required("precision", curve.precision, "Of the operands; the result is bf16");
  describe_surface(fields, curve.surface, {"m", "n", "k"});
}

void describe(Fields& fields, AttentionCurve& curve) {
  fields.required("precision", curve.precision, "Of the operands");
  fields.required("head_dim", curve.head_dim, "Head dimension", at_least(1));
  describe_surface(fields, curve.surface, {"length", "batch_heads", "kv_heads_per_head"});
}

void describe(Fields& fields, MemoryKernelRate& r) {
  fields.required("kernel", r.kernel, "Kind of kernel");
  fields.required("fused", r.fused, "One kernel; false: PyTorch's eager ones");
  fields.required("fraction", r.fraction, "Achieved / peak memory bandwidth", between(0.001, 1.5));
}

void describe(Fields& fields, PowerUnderLoad& p) {
  fields.required("products", p.products, "Drawn under matrix products", positive());
  fields.required("memory", p.memory, "Drawn while it reads and writes", positive());
  fields.required("idle", p.idle, "Drawn without work", positive());
  fields.required("clock", p.clock, "Clock under products / while it reads and writes", between(0.1, 1));
}

void describe(Fields& fields, SustainedSlowdown& s) {
  fields.required("precision", s.precision, "Of the operands");
  fields.required("factor", s.factor, "Time of sustained work / time of the curve", at_least(1));
  fields.required("rows", s.rows, "Sustained measurements behind it", at_least(0));
}

void describe(Fields& fields, Accuracy& a) {
  fields.required("family", a.family, "Kernel family");
  fields.optional("framework", a.framework, "Whose kernels");
  fields.required("precision", a.precision, "Of the operands");
  fields.required("size", a.size, "Class of kernel times");
  fields.required("rows", a.rows, "Held-out rows", at_least(0));
  fields.required("median_abs_error", a.median_abs_error, "Median of |predicted / measured - 1|", at_least(0));
  fields.required("p90_abs_error", a.p90_abs_error, "90th percentile of |predicted / measured - 1|", at_least(0));
}

void describe(Fields& fields, Fitted& f) {
  fields.required("launch", f.launch,
                  "Shortest kernel: 1st percentile of the measured bf16 matrix products, or the median of memory-bound "
                  "kernels of one row",
                  positive());
  fields.required("memory_fraction", f.memory_fraction, "Achieved / peak memory bandwidth", between(0.01, 1));
  fields.optional("under_load", f.under_load,
                  "Products were timed at the clock that the power limit allows them, not in a short burst");
  fields.optional("power", f.power, "Where products were timed under load");
  fields.optional("memory_kernels", f.memory_kernels, "Kernels whose rates were measured apart");
  fields.required("sustained_slowdown", f.sustained_slowdown, "Power-limited work against single kernels");
  fields.required("accuracy", f.accuracy, "Errors on rows held out of the fit");
  fields.required("matrix_products", f.matrix_products, "C[m,n] = A[m,k] B[k,n]");
  fields.required("attention", f.attention, "Causal attention, forward");
  fields.optional("attention_backward", f.attention_backward, "The same, backward; else attention_backward_rate tells");
  fields.optional("kernels", f.kernels, "Kernels of serving and of experts, over their rooflines");
}

void describe(Fields& fields, DeviceFile& d) {
  fields.required("name", d.name, "Name of the device, also of the file");
  fields.optional("aliases", d.aliases, "Other names that people and tables use");
  fields.required("specification", d.specification, "Data sheet");
  fields.required("sources", d.sources, "Where each number of the specification comes from");
  fields.optional("inherits", d.inherits, "Measured relative whose curves are used, scaled");
  fields.optional("scaling", d.scaling, "Speed relative to the inherited device");
  fields.required("attention_backward_rate", d.attention_backward_rate,
                  "FLOP rate of attention's backward pass / forward pass", between(0.1, 2));
  fields.optional("memory_launch", d.memory_launch,
                  "Shortest memory-bound kernel in a graph, where it is known apart from the shortest product",
                  between(0, 1e-3));
  fields.optional("measurements", d.measurements,
                  "System in measurements/ops/INDEX.csv, or a folder of measurement files in measurements/");
  fields.optional("sustained", d.sustained, "GPU in measurements/gpu_mamf.csv");
  fields.optional("fitted", d.fitted, "Written by plenum calibrate fit");
}

namespace {

std::optional<DeviceFile> read(const json::Value& root, bool whole, Issues& issues) {
  DeviceFile device;
  Issues found;
  read_fields(
      root, "", [&](Fields& fields) { describe(fields, device); }, found);
  if (whole && !found.has_errors()) check(device, root, found);
  for (const Issue& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  return device;
}

}  // namespace

std::optional<DeviceFile> read_device_file(const std::filesystem::path& file, Issues& issues) {
  const auto root = json::parse_file(file, issues);
  return root ? read(*root, true, issues) : std::nullopt;
}

std::optional<DeviceFile> read_device_text(std::string_view text, const std::string& name, Issues& issues) {
  const auto root = json::parse(text, name, issues);
  return root ? read(*root, true, issues) : std::nullopt;
}

std::optional<DeviceFile> read_device_head(const std::filesystem::path& file, Issues& issues) {
  std::ifstream stream(file);
  std::string head, line;
  while (std::getline(stream, line) && !line.starts_with(fitted_line)) head += line + "\n";
  if (!line.starts_with(fitted_line)) {
    const auto root = json::parse_file(file, issues);
    return root ? read(*root, false, issues) : std::nullopt;
  }
  const auto root = json::parse(head_of(head + line), file.string(), issues);
  return root ? read(*root, false, issues) : std::nullopt;
}

std::string head_of(std::string_view text) {
  const auto fitted = text.find(fmt::format(",\n{}", fitted_line));
  if (fitted == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, fitted)) + "\n}\n";
}

std::filesystem::path device_directory() { return data_root() / "calibration" / "devices"; }

}  // namespace plenum::calibration
