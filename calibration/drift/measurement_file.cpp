#include "calibration/drift/measurement_file.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/core/json.hpp"

namespace plenum::calibration {
namespace {

void check(const MeasurementFile& file, const json::Value& root, Issues& issues) {
  const auto complain = [&](const std::string& pointer, const std::string& message) {
    issues.error(json::position_of(root, pointer), pointer, message);
  };
  if (file.format != measurement_format)
    complain("/format", fmt::format("\"{}\" is not \"{}\"; other formats come in by \"plenum calibrate import\"",
                                    file.format, measurement_format));
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < file.kernels.size(); ++i) {
    const MeasuredKernel& k = file.kernels[i];
    if (k.microseconds.empty()) complain(fmt::format("/kernels/{}/microseconds", i), "needs at least one repetition");
    const auto [first, is_new] = seen.emplace(k.kernel + " " + k.shape, i);
    if (!is_new)
      complain(fmt::format("/kernels/{}", i), fmt::format("the same kernel and shape as /kernels/{}", first->second));
  }
}

}  // namespace

void describe(Fields& fields, MeasuredKernel& k) {
  fields.required("kernel", k.kernel, "What ran");
  fields.required("shape", k.shape, "Its number format and sizes");
  fields.required("microseconds", k.microseconds, "Every repetition", positive());
}

void describe(Fields& fields, MeasuredFact& f) {
  fields.required("name", f.name, "Of what");
  fields.required("value", f.value, "As it was told, with its unit");
}

void describe(Fields& fields, MeasurementFile& f) {
  fields.required("format", f.format, "plenum-measurements-1");
  fields.required("gpu", f.gpu, "Device name");
  fields.required("date", f.date, "Year-month-day");
  fields.required("source", f.source, "Program and versions that measured");
  fields.required("complete", f.complete, "False when the run was cut short");
  fields.optional("facts", f.facts, "What is no time: clocks, versions, links");
  fields.required("kernels", f.kernels, "Measurements");
}

std::optional<MeasurementFile> read_measurement_file(const std::filesystem::path& path, Issues& issues) {
  const auto root = json::parse_file(path, issues);
  if (!root) return std::nullopt;
  MeasurementFile file;
  Issues found;
  read_fields(
      *root, "", [&](Fields& fields) { describe(fields, file); }, found);
  if (!found.has_errors()) check(file, *root, found);
  for (const Issue& issue : found.all()) issues.add(issue);
  if (found.has_errors()) return std::nullopt;
  return file;
}

std::string text_of(const MeasurementFile& file) {
  // Other programs' output may hold any bytes.
  const auto quoted = [](const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  std::string text = fmt::format(
      "{{\n  \"format\": {},\n  \"gpu\": {},\n  \"date\": {},\n  \"source\": {},\n  \"complete\": {},\n  \"facts\": [",
      quoted(file.format), quoted(file.gpu), quoted(file.date), quoted(file.source), file.complete);
  for (std::size_t i = 0; i < file.facts.size(); ++i)
    text += fmt::format("{}\n    {{\"name\": {}, \"value\": {}}}", i == 0 ? "" : ",", quoted(file.facts[i].name),
                        quoted(file.facts[i].value));
  text += "],\n  \"kernels\": [";
  for (std::size_t i = 0; i < file.kernels.size(); ++i) {
    const MeasuredKernel& k = file.kernels[i];
    text += fmt::format("{}\n    {{\"kernel\": {}, \"shape\": {}, \"microseconds\": [", i == 0 ? "" : ",",
                        quoted(k.kernel), quoted(k.shape));
    for (std::size_t r = 0; r < k.microseconds.size(); ++r)
      text += fmt::format("{}{}", r == 0 ? "" : ", ", k.microseconds[r]);
    text += "]}";
  }
  return text + (file.kernels.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace plenum::calibration
