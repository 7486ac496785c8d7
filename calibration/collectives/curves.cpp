#include "calibration/collectives/curves.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "calibration/device_file.hpp"
#include "sim/core/files.hpp"

namespace plenum::calibration {

void describe(Fields& fields, LinkCurve& curve) {
  fields.required("link", curve.link, "Link type");
  fields.required("algorithm", curve.algorithm, "Algorithm");
  fields.required("protocol", curve.protocol, "Protocol");
  fields.optional("message", curve.message, "Of single messages, not of all-to-all");
  fields.required("base", curve.base, "Once per collective", at_least(0));
  fields.required("step", curve.step, "Per dependent hop", at_least(0));
  fields.required("efficiency", curve.efficiency, "Payload rate / link rate", positive());
  fields.required("overlap", curve.overlap, "Exponent that joins hops and bytes", positive());
  fields.optional("copy", curve.copy, "Rate at which a rank copies its own part", at_least(0));
  fields.optional("chunk", curve.chunk, "Chunk that reaches half of the rate", at_least(0));
  fields.optional("rows", curve.rows, "Measurements behind it", at_least(0));
}

void describe(Fields& fields, NetworkCurve& curve) {
  fields.required("transport", curve.transport, "What carries messages between nodes");
  fields.required("base", curve.base, "Once per collective", at_least(0));
  fields.required("latency_factor", curve.latency_factor, "Network hops / NCCL's", positive());
  fields.required("efficiency", curve.efficiency, "Payload rate / NIC rate", positive());
  fields.required("overlap_low_latency", curve.overlap_low_latency, "Exponent of LL and LL128", positive());
  fields.required("overlap_simple", curve.overlap_simple, "Exponent of Simple", positive());
  fields.optional("rows", curve.rows, "Measurements behind it", at_least(0));
}

void describe(Fields& fields, LaunchFloor& floor) {
  fields.required("architecture", floor.architecture, "GPU generation or bus");
  fields.required("launch", floor.launch, "Who starts the kernel");
  fields.required("floor", floor.floor, "Least time between two calls", at_least(0));
  fields.optional("rows", floor.rows, "Measurements behind it", at_least(0));
}

void describe(Fields& fields, Curves& curves) {
  fields.required("links", curves.links, "Inside one domain");
  fields.required("networks", curves.networks, "Between domains");
  fields.required("launches", curves.launches, "Least times between calls");
}

std::filesystem::path curves_file() { return device_directory().parent_path() / "collectives" / "curves.json"; }

std::optional<Curves> read_curves(const std::filesystem::path& file, Issues& issues) {
  const auto document = json::parse_file(file, issues);
  if (!document) return std::nullopt;
  Curves curves;
  read_fields(
      *document, "", [&](Fields& fields) { describe(fields, curves); }, issues);
  return issues.has_errors() ? std::nullopt : std::optional(std::move(curves));
}

const Curves& curves() {
  static const Curves read = [] {
    Issues issues;
    auto found = read_curves(curves_file(), issues);
    if (!found) throw std::runtime_error(curves_file().string() + " can't be read");
    return *found;
  }();
  return read;
}

std::string link_class(const Situation& situation, CollectiveAlgorithm algorithm) {
  const auto& name = situation.architecture;
  const auto ranks = situation.ranks_per_domain();
  if (name == "volta" || name.starts_with("pcie")) return name + (ranks <= 2 ? "-2" : ranks <= 4 ? "-4" : "-8");
  const bool rack = algorithm == CollectiveAlgorithm::nvls && name == "blackwell" && ranks > 8;
  return rack ? name + "-rack" : name;
}

const LinkCurve* find(const Curves& curves, const std::string& link, Method method, bool message) {
  for (const auto& curve : curves.links)
    if (curve.link == link && curve.algorithm == method.algorithm && curve.protocol == method.protocol &&
        curve.message == message)
      return &curve;
  return nullptr;
}

const NetworkCurve* find(const Curves& curves, Transport transport) {
  for (const auto& curve : curves.networks)
    if (curve.transport == transport) return &curve;
  return nullptr;
}

Seconds floor_of(const Curves& curves, const Situation& situation) {
  for (const auto& floor : curves.launches)
    if (floor.architecture == situation.architecture && floor.launch == situation.launch) return floor.floor;
  return {};
}

namespace {

std::string text_of(const LinkCurve& c) {
  return fmt::format(
      R"({{"link": "{}", "algorithm": "{}", "protocol": "{}"{}, "base": "{:.4g} us", "step": "{:.4g} us", )"
      R"("efficiency": {:.4g}, "overlap": {:.4g}{}{}, "rows": {}}})",
      c.link, name_of(c.algorithm), name_of(c.protocol), c.message ? R"(, "message": true)" : "", c.base.value() * 1e6,
      c.step.value() * 1e6, c.efficiency, c.overlap,
      c.copy.value() > 0 ? fmt::format(R"(, "copy": "{:.4g} GB/s")", c.copy.value() / 1e9) : "",
      c.chunk.value() > 0 ? fmt::format(R"(, "chunk": "{} B")", c.chunk.value()) : "", c.rows);
}

std::string text_of(const NetworkCurve& c) {
  return fmt::format(R"({{"transport": "{}", "base": "{:.4g} us", "latency_factor": {:.4g}, "efficiency": {:.4g}, )"
                     R"("overlap_low_latency": {:.4g}, "overlap_simple": {:.4g}, "rows": {}}})",
                     transport_names[static_cast<std::size_t>(c.transport)], c.base.value() * 1e6, c.latency_factor,
                     c.efficiency, c.overlap_low_latency, c.overlap_simple, c.rows);
}

std::string text_of(const LaunchFloor& f) {
  return fmt::format(R"({{"architecture": "{}", "launch": "{}", "floor": "{:.4g} us", "rows": {}}})", f.architecture,
                     launch_names[static_cast<std::size_t>(f.launch)], f.floor.value() * 1e6, f.rows);
}

template <class T>
std::string list(const std::vector<T>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "\n    " : ",\n    ") + text_of(value);
  return "[" + text + "\n  ]";
}

}  // namespace

std::string to_text(const Curves& curves) {
  return fmt::format("{{\n  \"links\": {},\n  \"networks\": {},\n  \"launches\": {}\n}}\n", list(curves.links),
                     list(curves.networks), list(curves.launches));
}

}  // namespace plenum::calibration
