#include "calibration/fit/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calibration/device_file.hpp"
#include "calibration/fit/cast_separation.hpp"
#include "calibration/fit/device_writer.hpp"
#include "calibration/fit/errors.hpp"
#include "calibration/fit/kernel_fit.hpp"
#include "calibration/fit/measured_fit.hpp"
#include "calibration/fit/surface_fit.hpp"
#include "calibration/fit/surface_grids.hpp"
#include "calibration/kernel_curves.hpp"
#include "calibration/measurements.hpp"
#include "sim/core/files.hpp"

namespace plenum::calibration {
namespace {

constexpr double sustained_kernel = 100;      // us: shorter kernels repeated don't show the power limit
constexpr std::int64_t shortest_prompt = 16;  // tokens; the tables' prompts of one token are decoding
constexpr std::size_t fewest_samples = 1000;  // a table with fewer shapes does not make a surface

struct HeldOut {
  Sample sample;
  double cast = 0;  ///< us; part of the published time, not of the sample
};

/// Measurements of one table, those that may be fitted and those that may not.
struct Split {
  std::vector<Sample> fitted;
  std::vector<HeldOut> held;
  template <class Shape>
  void add(const Shape& shape, double microseconds, double cast = 0) {
    const Sample sample{sizes_of(shape), microseconds};
    if (held_out(shape))
      held.push_back({sample, cast});
    else
      fitted.push_back(sample);
  }
};

void add_errors(const Surface& surface, const std::vector<HeldOut>& held, Errors& errors) {
  const PreparedSurface prepared(surface);
  for (const auto& [sample, cast] : held) errors.add(prepared.microseconds(sample.sizes), sample.microseconds, cast);
}

void fit_products(const OpTables& tables, Fitted& fitted) {
  for (std::size_t p = 0; p < tables.matrix_product.size(); ++p) {
    const auto precision = static_cast<Precision>(p);
    Split split;
    for (const auto& [shape, times] : tables.matrix_product[p])
      if (const auto timing = representative_product(precision, times))
        split.add(shape, timing->microseconds, timing->cast);
    if (split.fitted.size() < fewest_samples) continue;
    fitted.matrix_products.push_back({precision, fit_surface(product_nodes(), split.fitted)});
    Errors errors;
    add_errors(fitted.matrix_products.back().surface, split.held, errors);
    errors.report("matrix_product", Framework::any, precision, fitted.accuracy);
  }
}

void fit_attention(const OpTables& tables, Fitted& fitted) {
  for (std::size_t p = 0; p < tables.attention.size(); ++p) {
    const auto precision = static_cast<Precision>(p);
    std::map<std::int64_t, Split> by_head_dim;
    for (const auto& [shape, times] : tables.attention[p])
      if (shape.length >= shortest_prompt) by_head_dim[shape.head_dim].add(shape, representative_attention(times));
    Errors errors;
    for (const auto& [head_dim, split] : by_head_dim) {
      if (split.fitted.size() < fewest_samples) continue;
      fitted.attention.push_back({precision, head_dim, fit_surface(attention_nodes(), split.fitted)});
      add_errors(fitted.attention.back().surface, split.held, errors);
    }
    errors.report("attention", Framework::any, precision, fitted.accuracy);
  }
}

/// Products of at most 16 rows with a large B do nothing but read B: the median of their rates, over the peak.
double memory_fraction(const ProductTimes& bf16, BytesPerSecond peak) {
  constexpr double large = 300e6;  // bytes; several times the largest L2
  std::vector<double> fractions;
  for (const auto& [shape, times] : bf16) {
    const double bytes = 2.0 * (double(shape.m) * double(shape.k) + double(shape.n) * double(shape.k) +
                                double(shape.m) * double(shape.n));
    if (shape.m > 16 || bytes < large) continue;
    fractions.push_back(bytes / (1e-6 * representative_product(Precision::bf16, times)->microseconds) / peak.value());
  }
  return fractions.empty() ? 1 : four_digits(std::min(1.0, quantile(fractions, 0.5)));
}

/// Long repetitions run at the power limit; the tables' kernels mostly don't. Never below 1.
void compare_with_sustained(const std::vector<SustainedRate>& rates, Fitted& fitted) {
  for (const auto& curve : fitted.matrix_products) {
    const PreparedSurface surface(curve.surface);
    std::vector<double> slowdowns;
    for (const auto& [precision, shape, rate] : rates) {
      const double flops = 2.0 * double(shape.m) * double(shape.n) * double(shape.k);
      const double predicted = 1e-6 * surface.microseconds(sizes_of(shape));
      if (precision == curve.precision && predicted > 1e-6 * sustained_kernel)
        slowdowns.push_back(flops / rate / predicted);
    }
    const double factor = slowdowns.empty() ? 1 : std::max(1.0, four_digits(quantile(slowdowns, 0.5)));
    fitted.sustained_slowdown.push_back({curve.precision, factor, static_cast<std::int64_t>(slowdowns.size())});
  }
}

/// The shortest kernels do nothing but start and end.
double launch_microseconds(const ProductTimes& bf16) {
  std::vector<double> times;
  for (const auto& [shape, timings] : bf16)
    times.push_back(representative_product(Precision::bf16, timings)->microseconds);
  return four_digits(quantile(times, 0.01));
}

Fitted fit(const DeviceFile& head, OpTables tables, const KernelSamples& kernels,
           const std::vector<SustainedRate>& sustained) {
  Fitted fitted;
  const ProductTimes& bf16 = tables.matrix_product[static_cast<std::size_t>(Precision::bf16)];
  const double launch = launch_microseconds(bf16);
  fitted.launch = Seconds(1e-6 * launch);
  fitted.memory_fraction = memory_fraction(bf16, head.specification.memory_bandwidth);
  separate_casts(tables, launch);
  fit_products(tables, fitted);
  fit_attention(tables, fitted);
  compare_with_sustained(sustained, fitted);
  fit_kernels(head.specification, kernels, fitted);
  return fitted;
}

}  // namespace

std::filesystem::path measurement_directory() { return data_root() / "calibration" / "measurements"; }

namespace {

/// From the tables of other people.
std::optional<Fitted> fit_published(const DeviceFile& head, const std::filesystem::path& device_file,
                                    const std::filesystem::path& measurements, Issues& issues) {
  const OpTables tables = read_op_tables(measurements, head.measurements, issues);
  const KernelSamples kernels = read_kernel_tables(measurements, head.measurements, issues);
  const auto sustained = read_sustained_rates(measurements, head.sustained, issues);
  if (tables.matrix_product[static_cast<std::size_t>(Precision::bf16)].size() < fewest_samples)
    issues.error({device_file.string(), 0, 0}, "/measurements",
                 fmt::format("no table of bf16 matrix products for \"{}\" in {}, and no folder of that name beside it",
                             head.measurements, (measurements / "ops" / "INDEX.csv").string()));
  return issues.has_errors() ? std::nullopt : std::optional(fit(head, tables, kernels, sustained));
}

/// From the device's own measurement files.
std::optional<Fitted> fit_own(const DeviceFile& head, const std::filesystem::path& device_file,
                              const std::filesystem::path& folder, Issues& issues) {
  std::vector<std::string> names{head.name};
  names.insert(names.end(), head.aliases.begin(), head.aliases.end());
  const MeasuredKernels measured = read_measured_kernels(folder, names, issues);
  if (issues.has_errors()) return std::nullopt;
  auto fitted = fit_measured(head.specification, measured, device_file.string(), issues);
  if (fitted && fitted->attention.empty() && head.inherits.empty())
    issues.error({device_file.string(), 0, 0}, "/inherits",
                 "attention was not measured (calibration/microbench/pytorch_kernels.py does); name the relative whose "
                 "it takes");
  return issues.has_errors() ? std::nullopt : fitted;
}

}  // namespace

std::optional<std::string> fit_device(const std::filesystem::path& device_file,
                                      const std::filesystem::path& measurements, Issues& issues) {
  Issues found;
  const auto text = read_whole(device_file, issues);
  const auto head = read_device_head(device_file, found);
  std::optional<std::string> result;
  if (text && head && head->measurements.empty()) result = *text;
  if (text && head && !result) {
    const auto own = measurements / head->measurements;
    const auto fitted = std::filesystem::is_directory(own) ? fit_own(*head, device_file, own, found)
                                                           : fit_published(*head, device_file, measurements, found);
    if (fitted) result = with_fitted(head_of(*text), *fitted);
    // Odd measurements make curves that nobody could load.
    if (result && !read_device_text(*result, device_file.string() + " as fitted", found)) result.reset();
  }
  for (const Issue& issue : found.all()) issues.add(issue);
  return result;
}

bool fit_devices(const std::filesystem::path& devices, const std::filesystem::path& measurements,
                 const std::filesystem::path& output,
                 const std::function<void(const std::string&, std::size_t, std::size_t)>& progress, Issues& issues) {
  std::vector<std::filesystem::path> files;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(devices, unreadable))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (files.empty()) issues.error({devices.string(), 0, 0}, "", "no device files (*.json) here");
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); ++i) {
    progress(files[i].stem().string(), i, files.size());
    if (const auto text = fit_device(files[i], measurements, issues)) write_whole(output / files[i].filename(), *text);
  }
  return !issues.has_errors();
}

}  // namespace plenum::calibration
