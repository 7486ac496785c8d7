// What channels carried, told by tiers of the fabric.
#include <algorithm>
#include <bit>
#include <map>
#include <sstream>
#include <tuple>
#include <unordered_map>

#include "sim/core/random.hpp"
#include "sim/datacenter/fabric.hpp"
#include "sim/datacenter/lone_exchange.hpp"

namespace plenum::datacenter {
namespace {

/// "gpu 8 -> nvswitch 1" is of the tier "gpu -> nvswitch".
std::string tier_of(const std::string& name) {
  std::istringstream words(name.substr(0, name.find(" (")));
  std::string tier;
  for (std::string word; words >> word;)
    if (word.find_first_not_of("0123456789") != std::string::npos) tier += (tier.empty() ? "" : " ") + word;
  return tier;
}

/// Classes of one tier that are equally used, to the precision that people see, are one to them.
std::vector<ChannelLoad> merged(std::vector<ChannelLoad> loads) {
  std::map<std::tuple<std::string, float, float>, std::size_t> known;
  std::vector<ChannelLoad> merged;
  for (auto& load : loads) {
    const auto key = std::tuple(load.tier, static_cast<float>(load.utilization), static_cast<float>(load.bytes));
    const auto [place, added] = known.try_emplace(key, merged.size());
    if (added) {
      merged.push_back(std::move(load));
      continue;
    }
    auto& whole = merged[place->second];
    const auto members = static_cast<double>(whole.members), more = static_cast<double>(load.members);
    whole.bytes = (whole.bytes * members + load.bytes * more) / (members + more);
    whole.utilization = std::max(whole.utilization, load.utilization);
    whole.members += load.members;
  }
  std::ranges::stable_sort(merged, std::ranges::greater(), &ChannelLoad::utilization);
  return merged;
}

}  // namespace

/// Channels are alike when they have the same bandwidth and the same number of flows of each class at each place of
/// their routes.
std::vector<ChannelLoad> FoldedFabric::busiest(Seconds duration, std::size_t limit) const {
  if (duration <= Seconds{}) return {};
  std::vector<double> bytes(channels_.size());
  std::vector<std::uint64_t> signature(channels_.size());
  for (std::uint32_t flow = 0; flow < flow_class_.size(); ++flow) {
    std::uint64_t place = 0;  // tells directions apart: a flow enters by one and leaves by the other
    for (const auto channel : routes_.of(flow)) {
      bytes[channel] += strands_[flow_class_[flow]].bytes;
      signature[channel] += mix(mix(flow_class_[flow]) + place++);
    }
  }
  std::vector<ChannelLoad> classes;
  std::unordered_map<std::uint64_t, std::size_t> known;
  for (std::uint32_t channel = 0; channel < channels_.size(); ++channel) {
    const double bandwidth = network_.channel(channels_[channel]).bandwidth.value();
    const auto key = mix(signature[channel] ^ mix(std::bit_cast<std::uint64_t>(bandwidth)));
    const auto [place, added] = known.try_emplace(key, classes.size());
    if (added) {
      const auto name = network_.channel_name(channels_[channel]);
      classes.push_back({name, tier_of(name), bytes[channel], 0, bytes[channel] / (bandwidth * duration.value())});
    }
    ++classes[place->second].members;
  }
  auto loads = merged(std::move(classes));
  loads.resize(std::min(limit, loads.size()));
  return loads;
}

std::vector<ChannelLoad> LoneExchange::busiest(double bytes, Seconds duration, std::size_t limit) const {
  if (duration <= Seconds{}) return {};
  std::vector<ChannelLoad> all;
  for (std::uint32_t c = 0; c < channels_.size(); ++c) {
    double carried = 0;
    for (std::size_t s = 0; s < shares_.size(); ++s) carried += bytes * shares_[s] * static_cast<double>(loads_[s][c]);
    if (carried == 0) continue;
    const auto name = network_.channel_name(c);
    all.push_back({name, tier_of(name), carried, 1, carried / (channels_[c].bandwidth.value() * duration.value())});
  }
  auto loads = merged(std::move(all));
  loads.resize(std::min(limit, loads.size()));
  return loads;
}

}  // namespace plenum::datacenter
