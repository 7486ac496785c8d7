#include "topologies/simgrid.hpp"

#include <fmt/format.h>

#include <ostream>
#include <set>
#include <string_view>

namespace plenum::topology {
namespace {

/// SimGrid's defaults are made for wide-area networks; these leave time = latency + bytes / bandwidth.
constexpr std::string_view settings =
    "  <config>\n    <prop id=\"network/model\" value=\"CM02\"/>\n    <prop id=\"network/crosstraffic\" value=\"0\"/>\n"
    "    <prop id=\"network/TCP-gamma\" value=\"0\"/>\n    <prop id=\"network/weight-S\" value=\"0\"/>\n"
    "    <prop id=\"maxmin/precision\" value=\"1e-12\"/>\n    <prop id=\"surf/precision\" value=\"1e-12\"/>\n"
    "  </config>\n";

/// "12 gpu 0 to nvswitch 0"; parallel cables have the same name, so the number comes first.
std::string link_id(const Network& network, std::uint32_t channel) {
  const auto name = network.channel_name(channel);
  const auto arrow = name.find(" -> ");
  return fmt::format("{} {} to {}", channel, name.substr(0, arrow), name.substr(arrow + 4));
}

std::string route(const Network& network, std::uint32_t from, std::uint32_t to,
                  const std::vector<std::uint32_t>& channels) {
  auto text = fmt::format("    <route src=\"gpu {}\" dst=\"gpu {}\" symmetrical=\"NO\">", from, to);
  for (const auto channel : channels) text += fmt::format("<link_ctn id=\"{}\"/>", link_id(network, channel));
  return text + "</route>\n";
}

}  // namespace

void write_simgrid(const Cluster& cluster, const Network& network, std::ostream& out) {
  std::string routes;
  std::set<std::uint32_t> used;
  const auto gpus = static_cast<std::uint32_t>(cluster.gpus.size());
  for (std::uint32_t from = 0; from < gpus; ++from)
    for (std::uint32_t to = 0; to < gpus; ++to) {
      if (from == to) continue;
      std::vector<std::uint32_t> channels;
      network.route(from, to, 0, channels);
      used.insert(channels.begin(), channels.end());
      routes += route(network, from, to, channels);
    }
  out << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version=\"4.1\">\n" << settings << "  <zone id=\"cluster\" routing=\"Full\">\n";
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) out << fmt::format("    <host id=\"gpu {}\" speed=\"1f\"/>\n", gpu);
  for (const auto channel : used) {
    const auto link = network.channel(channel);
    out << fmt::format("    <link id=\"{}\" bandwidth=\"{}Bps\" latency=\"{}s\"/>\n", link_id(network, channel),
                       link.bandwidth.value(), link.latency.value());
  }
  out << routes << "  </zone>\n</platform>\n";
}

}  // namespace plenum::topology
