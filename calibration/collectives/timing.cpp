#include "calibration/collectives/timing.hpp"

#include <algorithm>
#include <cmath>

#include "calibration/collectives/nccl_tables.hpp"

namespace plenum::calibration {
namespace {

constexpr double micro = 1e-6;

/// The curve of one link type: algorithms without measurements move like rings, protocols like Simple.
const LinkCurve* curve_on(const Curves& curves, const std::string& link, Method method, bool message) {
  const Method simple{method.algorithm, CollectiveProtocol::simple}, ring{CollectiveAlgorithm::ring, method.protocol};
  for (const auto* curve : {find(curves, link, method, message), find(curves, link, simple, message),
                            find(curves, link, ring, false), find(curves, link, {}, false)})
    if (curve != nullptr) return curve;
  return nullptr;
}

/// Link types from the group's own to those that were measured instead: the same reach over another bus, another reach
/// over the same bus, the newest NVLink.
std::vector<std::string> stand_ins(const Situation& s, CollectiveAlgorithm algorithm) {
  const auto link = link_class(s, algorithm);
  std::vector<std::string> links{link};
  const auto dash = link.find('-');
  const auto bus = link.substr(0, dash), reach = dash == std::string::npos ? "" : link.substr(dash);
  if (bus.starts_with("pcie")) links.push_back((bus == "pcie4" ? "pcie5" : "pcie4") + reach);
  if (!reach.empty())
    for (const auto* other : {"-4", "-8", "-2"}) links.push_back(bus + other);
  links.push_back("blackwell");
  return links;
}

const LinkCurve& link_curve(const Curves& curves, const Situation& s, CollectiveKind kind, Method method) {
  for (const auto& link : stand_ins(s, method.algorithm))
    if (const auto* curve = curve_on(curves, link, method, kind == CollectiveKind::send_receive)) return *curve;
  static const LinkCurve plain;
  return plain;
}

double chunk_share(const LinkCurve& curve, const Situation& s, Bytes bytes) {
  if (curve.chunk.value() == 0) return 1;
  const auto& architecture = nccl::architecture_of(s.architecture);
  const double chunk = static_cast<double>(nccl::nvls_chunk(architecture, s.ranks_per_domain(), bytes).value());
  return chunk / (chunk + static_cast<double>(curve.chunk.value()));
}

Seconds own_copy(const LinkCurve& curve, const Situation& s, Bytes bytes) {
  if (curve.copy.value() <= 0) return {};
  return Seconds(static_cast<double>(bytes.value()) / static_cast<double>(s.ranks) / curve.copy.value());
}

Timing inside(const Situation& s, CollectiveKind kind, Method method, Bytes bytes, const Curves& curves) {
  const auto& curve = link_curve(curves, s, kind, method);
  return {.nvlink_efficiency = curve.efficiency * chunk_share(curve, s, bytes),
          .base = curve.base + own_copy(curve, s, bytes),
          .chain = curve.step * passes(s, kind, method.algorithm).hops,
          .overlap = curve.overlap};
}

/// Share of the link that NVLink SHARP reaches in one domain with these bytes, hops included: what trees between
/// domains are fed with.
double sharp_efficiency(const Situation& s, Bytes bytes, const Curves& curves) {
  auto domain = s;
  domain.ranks = s.ranks_per_domain();
  domain.domains = 1;
  const auto t = inside(domain, CollectiveKind::all_reduce, {CollectiveAlgorithm::nvls}, bytes, curves);
  const double passed = passes(domain, CollectiveKind::all_reduce, CollectiveAlgorithm::nvls).link;
  const double ideal = static_cast<double>(bytes.value()) * passed / s.link.value();
  return ideal / t.total(Seconds(ideal / t.nvlink_efficiency)).value();
}

bool is_pcie(const Situation& s) { return s.architecture.starts_with("pcie"); }

/// NCCL's latencies with its rules for groups that span nodes, network hops as they were measured.
double chain_between(const Situation& s, CollectiveKind kind, Method method, double latency_factor) {
  const auto latency = nccl::latency_of(method);
  const auto p = passes(s, kind, method.algorithm);
  double hop = is_pcie(s) ? latency.pcie : latency.nvlink;
  if (method.protocol == CollectiveProtocol::ll) hop *= nccl::low_latency_across_nodes;
  const bool simple_ring =
      method.algorithm == CollectiveAlgorithm::ring && method.protocol == CollectiveProtocol::simple;
  const double plateau = simple_ring && kind == CollectiveKind::all_reduce ? nccl::ring_plateau : 1;
  const bool at_once = method.algorithm == CollectiveAlgorithm::direct;     // partners don't wait for each other
  const bool counted = method.algorithm == CollectiveAlgorithm::nvls_tree;  // in the rate inside domains
  const double local = at_once ? 1 : counted ? 0 : p.hops - p.network_hops;
  const double serial = method.algorithm == CollectiveAlgorithm::collnet
                            ? 2 * nccl::collnet_arity * static_cast<double>(s.ranks_per_domain() - 1)
                            : 0;
  return micro * plateau * (local * hop + serial + p.network_hops * latency.network * latency_factor);
}

Timing between(const Situation& s, CollectiveKind kind, Method method, Bytes bytes, const Curves& curves) {
  static const NetworkCurve plain;
  const auto* found = find(curves, s.transport);
  if (found == nullptr) found = find(curves, Transport::infiniband);
  const auto& network = found != nullptr ? *found : plain;
  const bool nvls = method.algorithm == CollectiveAlgorithm::nvls_tree;
  const double ring = link_curve(curves, s, CollectiveKind::all_reduce, {}).efficiency;
  const bool slowed =
      method.algorithm == CollectiveAlgorithm::collnet && (s.architecture == "hopper" || s.architecture == "blackwell");
  const double share = nccl::share_of(method.protocol) * (slowed ? nccl::collnet_share : 1);
  const bool simple = method.protocol == CollectiveProtocol::simple;
  return {.nvlink_efficiency = nvls ? sharp_efficiency(s, bytes, curves) : ring * share,
          .network_efficiency = network.efficiency * share,
          .base = network.base + Seconds(micro * nccl::latency_of(method).base),
          .chain = Seconds(chain_between(s, kind, method, network.latency_factor)),
          .overlap = simple ? network.overlap_simple : network.overlap_low_latency};
}

}  // namespace

Seconds Timing::total(Seconds flows) const {
  const double h = chain.value(), b = flows.value(), larger = std::max(h, b);
  if (larger <= 0) return std::max(base, floor);
  // Scaled by the larger one, so that no power overflows.
  const double joined = larger * std::pow(std::pow(h / larger, overlap) + std::pow(b / larger, overlap), 1 / overlap);
  return std::max(base + Seconds(joined), floor);
}

Timing timing(const Situation& s, CollectiveKind kind, Method method, Bytes bytes, const Curves& curves) {
  auto result = s.domains > 1 ? between(s, kind, method, bytes, curves) : inside(s, kind, method, bytes, curves);
  result.floor = floor_of(curves, s);
  return result;
}

double seconds_per_byte(const Situation& s, const Passes& p, double nvlink_efficiency, double network_efficiency) {
  const double link = p.link / (s.link.value() * nvlink_efficiency);
  return p.network > 0 ? std::max(link, p.network / (s.network.value() * network_efficiency)) : link;
}

Seconds alone(const Situation& s, CollectiveKind kind, Method method, Bytes bytes, const Curves& curves) {
  const auto t = timing(s, kind, method, bytes, curves);
  const auto p = passes(s, kind, method.algorithm);
  return t.total(
      Seconds(static_cast<double>(bytes.value()) * seconds_per_byte(s, p, t.nvlink_efficiency, t.network_efficiency)));
}

}  // namespace plenum::calibration
