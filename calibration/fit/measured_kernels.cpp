#include "calibration/fit/measured_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "calibration/drift/measurement_file.hpp"
#include "calibration/fit/errors.hpp"

namespace plenum::calibration {
namespace {

constexpr std::array<std::string_view, 5> memory_bound{"copy", "rms_norm", "softmax", "swiglu", "gather"};

/// "bf16 m=4096 n=4096 k=4096": a number format first where there is one, and sizes by name.
struct Shape {
  std::optional<Precision> precision;
  std::map<std::string, std::int64_t> sizes;
  std::int64_t at(const std::string& name) const {
    const auto found = sizes.find(name);
    return found == sizes.end() ? 0 : found->second;
  }
};

Shape shape_of(const std::string& text) {
  Shape shape;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    std::int64_t size = 0;
    if (equals != word.npos &&
        std::from_chars(word.data() + equals + 1, word.data() + word.size(), size).ec == std::errc())
      shape.sizes[word.substr(0, equals)] = size;
    const auto format = std::find(precision_names.begin(), precision_names.end(), word);
    if (format != precision_names.end()) shape.precision = static_cast<Precision>(format - precision_names.begin());
  }
  return shape;
}

/// One file on its way into the tables.
struct Reader {
  MeasuredKernels& into;
  const std::filesystem::path& path;
  Issues& issues;
  std::int64_t largest_copy = 0;

  /// The place of a kernel's sizes in its table, or an issue when it lacks one.
  template <class Table, class Sizes>
  void put(Table& by_precision, const MeasuredKernel& k, const Shape& shape, const Sizes& sizes, bool whole) {
    if (!shape.precision || !whole)
      return issues.error({path.string(), 0, 0}, "",
                          fmt::format("{} \"{}\": its number format or a size is missing", k.kernel, k.shape));
    by_precision[static_cast<std::size_t>(*shape.precision)][sizes] = quantile(k.microseconds, 0.5);
  }

  void read_memory_bound(const std::string& kernel, std::int64_t size, double microseconds) {
    if (kernel == "copy" && size > largest_copy) {
      largest_copy = size;
      into.copy_rate = 2 * double(size) / (1e-6 * microseconds);
    }
    const auto [known, first] = into.shortest.try_emplace(kernel, size, microseconds);
    if (!first && size <= known->second.first) known->second = {size, microseconds};
  }

  void read(const MeasuredKernel& k) {
    const Shape s = shape_of(k.shape);
    const ProductShape product{s.at("m"), s.at("n"), s.at("k")};
    const AttentionShape prompt{s.at("head_dim"), s.at("batch"), s.at("length"), s.at("heads"), s.at("kv_heads")};
    const bool is_prompt = prompt.head_dim > 0 && prompt.batch > 0 && prompt.length > 0 && prompt.kv_heads > 0;
    if (k.kernel == "matrix_product" && s.at("batch") <= 1)
      put(into.products, k, s, product, std::min({product.m, product.n, product.k}) > 0);
    if (k.kernel == "attention") put(into.attention, k, s, prompt, is_prompt);
    if (k.kernel == "attention_backward") put(into.attention_backward, k, s, prompt, is_prompt);
    if (std::ranges::find(memory_bound, k.kernel) != memory_bound.end())
      read_memory_bound(k.kernel, std::max(s.at("bytes"), s.at("rows") * s.at("width")), quantile(k.microseconds, 0.5));
  }
};

bool is_named(const std::string& gpu, const std::vector<std::string>& names) {
  static constexpr std::string_view maker = "NVIDIA ";
  const std::string short_name = gpu.starts_with(maker) ? gpu.substr(maker.size()) : gpu;
  return std::any_of(names.begin(), names.end(), [&](auto& name) { return name == gpu || name == short_name; });
}

std::vector<MeasurementFile> files_of(const std::filesystem::path& folder, Issues& issues,
                                      std::vector<std::filesystem::path>& paths) {
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable))
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<MeasurementFile> files;
  for (const auto& path : paths)
    if (auto file = read_measurement_file(path, issues)) files.push_back(std::move(*file));
  return files;
}

}  // namespace

double MeasuredKernels::launch() const {
  std::vector<double> times;
  for (const auto& [kernel, smallest] : shortest) times.push_back(smallest.second);
  return quantile(times, 0.5);
}

MeasuredKernels read_measured_kernels(const std::filesystem::path& folder, const std::vector<std::string>& names,
                                      Issues& issues) {
  MeasuredKernels kernels;
  std::vector<std::filesystem::path> paths;
  auto files = files_of(folder, issues, paths);
  if (paths.empty()) issues.error({folder.string(), 0, 0}, "", "no measurement files (*.json) here");
  std::stable_sort(files.begin(), files.end(), [](auto& a, auto& b) { return a.date < b.date; });
  for (const MeasurementFile& file : files) {
    const auto complain = [&](const std::string& what) {
      issues.error({folder.string(), 0, 0}, "", fmt::format("the measurement of {}: {}", file.date, what));
    };
    if (!file.complete) complain("was cut short; let \"plenum calibrate measure\" go on with it before it is fitted");
    if (!is_named(file.gpu, names))
      complain(fmt::format("was taken on \"{}\", which is no name or alias of {}", file.gpu, names.front()));
    Reader reader{kernels, folder, issues};
    for (const MeasuredKernel& k : file.kernels) reader.read(k);
  }
  return kernels;
}

}  // namespace plenum::calibration
