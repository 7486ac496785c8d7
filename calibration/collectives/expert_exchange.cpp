#include "calibration/collectives/expert_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "calibration/collectives/curves.hpp"

namespace plenum::calibration {
namespace {

double reached(double places, double draws) { return 1 - std::pow(1 - 1 / places, draws); }

/// Copies of its tokens that a GPU sends over its link and over its NIC.
struct Copies {
  double link, network;
};
Copies copies_of(const ExpertExchange& e) {
  const auto n = static_cast<double>(e.ranks), d = static_cast<double>(e.domains), k = static_cast<double>(e.top_k);
  const double m = n / d;
  if (e.mode == ExchangeMode::low_latency) return {k * (m - 1) / m, k * (n - m) / n};
  return {d * reached(n, k) * (m - 1), (d - 1) * reached(d, k)};
}

const ExchangeCurve& curve_of(const ExpertExchange& e, const ExchangeCurves& curves) {
  static const ExchangeCurve plain;
  const ExchangeCurve* best = &plain;
  for (const auto& curve : curves) {
    if (curve.mode != e.mode || curve.combine != e.combine || curve.spans != (e.domains > 1)) continue;
    if (curve.architecture == e.architecture) return curve;
    best = &curve;
  }
  return *best;
}

}  // namespace

void describe(Fields& fields, ExchangeCurve& curve) {
  fields.required("architecture", curve.architecture, "GPU generation");
  fields.required("mode", curve.mode, "Kernels for throughput or for latency");
  fields.required("combine", curve.combine, "Back from the experts");
  fields.required("spans", curve.spans, "Over several nodes");
  fields.required("base", curve.base, "Once", at_least(0));
  fields.required("hop", curve.hop, "Per node beyond the first", at_least(0));
  fields.required("efficiency", curve.efficiency, "Payload rate / link rate", positive());
  fields.required("network_efficiency", curve.network_efficiency, "Payload rate / NIC rate", positive());
  fields.required("overlap", curve.overlap, "Exponent that joins hops and bytes", positive());
  fields.optional("per_multiprocessor", curve.per_multiprocessor, "Rate of one multiprocessor", at_least(0));
  fields.optional("rows", curve.rows, "Measurements behind it", at_least(0));
}

std::filesystem::path exchange_file() { return curves_file().parent_path() / "expert_exchange.json"; }

namespace {

struct File {
  ExchangeCurves curves;
};
void describe(Fields& fields, File& file) { fields.required("curves", file.curves, "Fitted curves"); }

}  // namespace

std::optional<ExchangeCurves> read_exchange_curves(const std::filesystem::path& path, Issues& issues) {
  const auto document = json::parse_file(path, issues);
  if (!document) return std::nullopt;
  File file;
  read_fields(
      *document, "", [&](Fields& fields) { describe(fields, file); }, issues);
  return issues.has_errors() ? std::nullopt : std::optional(std::move(file.curves));
}

const ExchangeCurves& exchange_curves() {
  static const ExchangeCurves read = [] {
    Issues issues;
    auto found = read_exchange_curves(exchange_file(), issues);
    if (!found) throw std::runtime_error(exchange_file().string() + " can't be read");
    return *found;
  }();
  return read;
}

std::string to_text(const ExchangeCurves& curves) {
  std::string text;
  for (const auto& c : curves)
    text += fmt::format(
        "{}\n    {{\"architecture\": \"{}\", \"mode\": \"{}\", \"combine\": {}, \"spans\": {}, \"base\": \"{:.4g} "
        "us\", "
        "\"hop\": \"{:.4g} us\", \"efficiency\": {:.4g}, \"network_efficiency\": {:.4g}, \"overlap\": {:.4g}{}, "
        "\"rows\": {}}}",
        text.empty() ? "" : ",", c.architecture, exchange_mode_names[static_cast<std::size_t>(c.mode)], c.combine,
        c.spans, c.base.value() * 1e6, c.hop.value() * 1e6, c.efficiency, c.network_efficiency, c.overlap,
        c.per_multiprocessor.value() > 0
            ? fmt::format(", \"per_multiprocessor\": \"{:.4g} GB/s\"", c.per_multiprocessor.value() / 1e9)
            : "",
        c.rows);
  return "{\n  \"curves\": [" + text + "\n  ]\n}\n";
}

Bytes token_bytes(const ExpertExchange& e) {
  return Bytes(e.combine ? 2 * e.hidden : e.hidden + 4 * ((e.hidden + 127) / 128));
}

Timing timing(const ExpertExchange& e, const ExchangeCurves& curves) {
  const auto& curve = curve_of(e, curves);
  double efficiency = curve.efficiency;
  if (curve.per_multiprocessor.value() > 0)
    efficiency = std::min(efficiency, static_cast<double>(e.multiprocessors) * (curve.per_multiprocessor / e.link));
  return {.nvlink_efficiency = efficiency,
          .network_efficiency = curve.network_efficiency,
          .base = curve.base,
          .chain = curve.hop * static_cast<double>(e.domains),
          .overlap = curve.overlap};
}

Seconds alone(const ExpertExchange& e, const ExchangeCurves& curves) {
  const auto t = timing(e, curves);
  const auto copies = copies_of(e);
  const double bytes = static_cast<double>(e.tokens * token_bytes(e).value());
  const double link = bytes * copies.link / (e.link.value() * t.nvlink_efficiency);
  const double network = bytes * copies.network / (e.nic.value() * t.network_efficiency);
  return t.total(Seconds(std::max(link, network)));
}

}  // namespace plenum::calibration
