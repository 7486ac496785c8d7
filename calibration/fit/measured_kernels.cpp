#include "calibration/fit/measured_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "calibration/drift/measurement_file.hpp"
#include "calibration/fit/errors.hpp"

namespace plenum::calibration {
namespace {

constexpr std::array<std::string_view, 5> memory_bound{"copy", "rms_norm", "softmax", "swiglu", "gather"};

constexpr std::int64_t largest_size = std::int64_t{1} << 40;

/// "bf16 m=4096 n=4096 k=4096": a number format first where there is one, and sizes by name.
struct Shape {
  std::optional<Precision> precision;
  bool eager = false;
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
    if (equals != word.npos) {
      const char* const end = word.data() + word.size();
      const auto read = std::from_chars(word.data() + equals + 1, end, size);
      const bool whole = read.ec == std::errc() && read.ptr == end && size <= largest_size;
      shape.sizes[word.substr(0, equals)] = whole ? size : 0;
    }
    if (word == "eager") shape.eager = true;
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
  std::size_t kernel = 0;  ///< that is being read

  void complain(const MeasuredKernel& k, std::string_view what) {
    issues.error({path.string(), 0, 0}, fmt::format("/kernels/{}/shape", kernel),
                 fmt::format("{} \"{}\": {}", k.kernel, k.shape, what));
  }

  /// The place of a kernel's sizes in its table, or an issue when it lacks one.
  template <class Table, class Sizes>
  void put(Table& by_precision, const MeasuredKernel& k, const Shape& shape, const Sizes& sizes, bool whole) {
    if (!shape.precision || !whole)
      return complain(k, "its number format or a size is missing, or there are more KV heads than heads");
    by_precision[static_cast<std::size_t>(*shape.precision)][sizes].push_back(quantile(k.microseconds, 0.5));
  }

  void read_memory_bound(const MeasuredKernel& k, const Shape& s) {
    const double time = quantile(k.microseconds, 0.5);
    if (std::ranges::find(memory_bound, k.kernel) != memory_bound.end()) {
      const double size = std::max(double(s.at("bytes")), double(s.at("rows")) * double(s.at("width")));
      if (size <= 0 || size > double(largest_size)) return complain(k, "its bytes, or its rows and width, are missing");
      into.memory_bound[k.kernel][std::int64_t(size)].push_back(time);
    }
    const auto kind = std::ranges::find(memory_kernel_names, k.kernel);
    if (kind != memory_kernel_names.end() && s.at("bytes") > 0)
      into.moved[{static_cast<MemoryKernel>(kind - memory_kernel_names.begin()), !s.eager, s.at("bytes")}].push_back(
          time);
  }

  void read(const MeasuredKernel& k) {
    const Shape s = shape_of(k.shape);
    const ProductShape product{s.at("m"), s.at("n"), s.at("k")};
    const AttentionShape prompt{s.at("head_dim"), s.at("batch"), s.at("length"), s.at("heads"), s.at("kv_heads")};
    const bool has_heads = prompt.head_dim > 0 && prompt.batch > 0 && prompt.kv_heads > 0 &&
                           prompt.heads >= prompt.kv_heads &&
                           double(prompt.batch) * double(prompt.heads) <= double(largest_size);
    const bool is_prompt = has_heads && prompt.length > 0;
    if (k.kernel == "matrix_product" && s.at("batch") <= 1)
      put(into.products, k, s, product, std::min({product.m, product.n, product.k}) > 0);
    if (k.kernel == "attention") put(into.attention, k, s, prompt, is_prompt);
    if (k.kernel == "attention_backward") put(into.attention_backward, k, s, prompt, is_prompt);
    const DecodeShape decode{prompt.head_dim, prompt.batch, s.at("cached"), prompt.heads, prompt.kv_heads};
    const bool is_decode = has_heads && decode.cached > 0;
    if (k.kernel == "decode_attention") put(into.decode, k, s, decode, is_decode);
    read_memory_bound(k, s);
  }
};

/// "1440 MHz, memory 3201 MHz, 70 C, 690.9 W, ..." of the last fact whose name begins so.
struct Reading {
  double megahertz = 0, watts = 0;
};
std::optional<Reading> last_reading(const std::vector<MeasuredFact>& facts, std::string_view name) {
  std::optional<Reading> last;
  for (const MeasuredFact& fact : facts) {
    Reading reading;
    if (fact.name.starts_with(name) && std::sscanf(fact.value.c_str(), "%lf MHz, memory %*f MHz, %*f C, %lf W",
                                                   &reading.megahertz, &reading.watts) == 2)
      last = reading;
  }
  return last;
}

/// Nothing unless products draw the most, as they must for the difference to mean anything.
std::optional<PowerUnderLoad> power_of(const std::vector<MeasuredFact>& facts) {
  const auto products = last_reading(facts, "matrix load"), memory = last_reading(facts, "reading and writing"),
             idle = last_reading(facts, "idle");
  if (!products || !memory || !idle || products->watts <= memory->watts || memory->watts <= idle->watts)
    return std::nullopt;
  return PowerUnderLoad{Watts(products->watts), Watts(memory->watts), Watts(idle->watts),
                        std::min(1.0, products->megahertz / memory->megahertz)};
}

bool is_named(const std::string& gpu, const std::vector<std::string>& names) {
  static constexpr std::string_view maker = "NVIDIA ";
  const std::string short_name = gpu.starts_with(maker) ? gpu.substr(maker.size()) : gpu;
  return std::any_of(names.begin(), names.end(), [&](auto& name) { return name == gpu || name == short_name; });
}

struct NamedFile {
  std::filesystem::path path;
  MeasurementFile file;
};

/// By date.
std::vector<NamedFile> files_of(const std::filesystem::path& folder, Issues& issues) {
  std::vector<std::filesystem::path> paths;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable))
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  if (paths.empty()) issues.error({folder.string(), 0, 0}, "", "no measurement files (*.json) here");
  std::sort(paths.begin(), paths.end());
  std::vector<NamedFile> files;
  for (const auto& path : paths)
    if (auto file = read_measurement_file(path, issues)) files.push_back({path, std::move(*file)});
  std::stable_sort(files.begin(), files.end(), [](auto& a, auto& b) { return a.file.date < b.file.date; });
  return files;
}

}  // namespace

double MeasuredKernels::launch() const {
  std::vector<double> times;
  for (const auto& [kernel, by_size] : memory_bound) times.push_back(quantile(by_size.begin()->second, 0.5));
  return quantile(times, 0.5);
}

std::optional<double> MeasuredKernels::copy_rate() const {
  const auto copies = memory_bound.find("copy");
  if (copies == memory_bound.end()) return std::nullopt;
  const auto& [bytes, times] = *copies->second.rbegin();
  return 2 * double(bytes) / (1e-6 * quantile(times, 0.5));
}

MeasuredKernels read_measured_kernels(const std::filesystem::path& folder, const std::vector<std::string>& names,
                                      Issues& issues) {
  MeasuredKernels kernels;
  for (const auto& [path, file] : files_of(folder, issues)) {
    const auto complain = [&, &path = path](const std::string& pointer, const std::string& what) {
      issues.error({path.string(), 0, 0}, pointer, what);
    };
    if (!file.complete)
      complain("/complete", "was cut short; let \"plenum calibrate measure\" go on with it before it is fitted");
    if (!is_named(file.gpu, names))
      complain("/gpu", fmt::format("was taken on \"{}\", which is no name or alias of {}", file.gpu, names.front()));
    Reader reader{kernels, path, issues};
    for (; reader.kernel < file.kernels.size(); ++reader.kernel) reader.read(file.kernels[reader.kernel]);
    if (const auto power = power_of(file.facts)) kernels.power.push_back(*power);
  }
  return kernels;
}

}  // namespace plenum::calibration
