#include "sim/datacenter/fabric.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "sim/core/random.hpp"
#include "sim/datacenter/way.hpp"
#include "sim/engine/folding.hpp"

namespace plenum::datacenter {
namespace {

constexpr auto none = std::numeric_limits<std::uint32_t>::max();

/// What a node of the symmetry graph is, and how its edges are labelled.
enum class Node : std::uint64_t { rank, group, strand, channel };
enum Label : std::uint32_t { strand_of_group, strand_uses_channel, first_role };

std::uint64_t kind_of(Node node, std::uint64_t kind) { return mix(kind) * 4 + static_cast<std::uint64_t>(node); }
std::uint64_t kind_of(Node node, double value) { return kind_of(node, std::bit_cast<std::uint64_t>(value)); }

}  // namespace

/// From traffic to classes to resources. Numbers of channels are dense, by first use.
struct FoldedFabric::Builder {
  FoldedFabric& fabric;
  const Traffic& traffic;
  const LinkEfficiency efficiency;
  std::vector<double> capacity{};  ///< by channel
  std::vector<topology::Channel> links{};
  Routes limits{};  ///< channels of each flow that can be a bottleneck
  engine::Classes classes{};
  std::vector<bool> shares{};  ///< by strand class: a channel with another class

  std::uint32_t ranks() const { return static_cast<std::uint32_t>(traffic.ranks.size()); }
  std::uint32_t groups() const { return static_cast<std::uint32_t>(traffic.groups.size()); }
  std::uint32_t strands() const { return static_cast<std::uint32_t>(traffic.strands.size()); }
  std::uint32_t channels() const { return static_cast<std::uint32_t>(capacity.size()); }
  std::uint32_t nodes() const { return ranks() + groups() + strands() + channels(); }
  std::uint32_t strand_node(std::uint32_t strand) const { return ranks() + groups() + strand; }
  std::uint32_t channel_node(std::uint32_t channel) const { return strand_node(strands()) + channel; }

  static std::span<const std::uint32_t> channels_of(const Routes& routes, const Traffic::Strand& strand) {
    return {routes.channels.data() + routes.first[strand.first_flow],
            routes.channels.data() + routes.first[strand.first_flow + strand.flows]};
  }
  std::span<const Traffic::Strand> strands_of(const Traffic::Group& group) const {
    return {traffic.strands.data() + group.first_strand, group.strands};
  }

  void route() {
    std::vector<std::uint32_t> number(fabric.network_.channel_count(), none);
    Routes& routes = fabric.routes_;
    for (std::uint32_t flow = 0; flow < traffic.flows.size(); ++flow) {
      fabric.network_.route(traffic.flows[flow].source, traffic.flows[flow].destination, flow, routes.channels);
      for (auto place = routes.first.back(); place < routes.channels.size(); ++place) {
        routes.channels[place] = number_of(routes.channels[place], number);
      }
      routes.first.push_back(static_cast<std::uint32_t>(routes.channels.size()));
    }
  }

  std::uint32_t number_of(std::uint32_t channel, std::vector<std::uint32_t>& number) {
    if (number[channel] != none) return number[channel];
    const auto link = fabric.network_.channel(channel);
    const bool inside = link.kind == topology::LinkKind::nvlink || link.kind == topology::LinkKind::host;
    capacity.push_back(link.bandwidth.value() * (inside ? efficiency.nvlink : efficiency.network));
    links.push_back(link);
    fabric.channels_.push_back(channel);
    return number[channel] = channels() - 1;
  }

  PathLatency path_latency(const Traffic::Group& group) const {
    SlowestWay slowest;
    std::vector<topology::Channel> way;
    for (const auto& strand : strands_of(group)) {
      for (auto flow = strand.first_flow; flow < strand.first_flow + strand.flows; ++flow) {
        way.clear();
        for (const auto channel : fabric.routes_.of(flow)) way.push_back(links[channel]);
        slowest.add(way_of(way));
      }
    }
    return slowest.latency();
  }

  static std::uint64_t bits_of(const PathLatency& latency) {
    std::uint64_t bits = 0;
    for (const Seconds part : {latency.whole, latency.added_inside, latency.added_between})
      bits = mix(bits ^ std::bit_cast<std::uint64_t>(part.value()));
    return bits;
  }

  /// Latency belongs to the group alone, so that it does not keep its strands apart.
  engine::SymmetryGraph symmetry() const {
    engine::SymmetryGraph graph;
    graph.kind.reserve(nodes());
    graph.edges.reserve(traffic.members.size() + strands() + limits.channels.size());
    for (const auto& rank : traffic.ranks) graph.kind.push_back(kind_of(Node::rank, rank.kind));
    for (std::uint32_t g = 0; g < groups(); ++g) {
      const auto& group = traffic.groups[g];
      graph.kind.push_back(kind_of(Node::group, mix(group.kind) ^ bits_of(path_latency(group))));
      for (auto m = group.first_member; m < group.first_member + group.members; ++m) {
        graph.edges.push_back({traffic.members[m].rank, ranks() + g, Label::first_role + traffic.members[m].role});
      }
      for (auto strand = group.first_strand; strand < group.first_strand + group.strands; ++strand) {
        graph.edges.push_back({strand_node(strand), ranks() + g, Label::strand_of_group});
      }
    }
    for (std::uint32_t s = 0; s < strands(); ++s) {
      graph.kind.push_back(kind_of(Node::strand, traffic.strands[s].share));
      for (const auto channel : channels_of(limits, traffic.strands[s])) {
        graph.edges.push_back({strand_node(s), channel_node(channel), Label::strand_uses_channel});
      }
    }
    for (const double limit : capacity) graph.kind.push_back(kind_of(Node::channel, limit));
    return graph;
  }

  void fold(bool fold) {
    limits = fold ? without_implied_limits(fabric.routes_, capacity) : fabric.routes_;
    classes = fold ? engine::fold(symmetry()) : engine::identity(nodes());
    fabric.nodes_unfolded_ = nodes();
    fabric.nodes_folded_ = static_cast<std::int64_t>(classes.size.size());
  }

  /// Classes are numbered by their first nodes, and kinds never mix: first come all classes of ranks, then of groups
  /// ...
  std::uint32_t classes_before(std::uint32_t node) const {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(classes.representative, node) -
                                      classes.representative.begin());
  }

  void number_ranks() {
    const auto end = classes_before(ranks());
    fabric.rank_class_.assign(classes.of.begin(), classes.of.begin() + ranks());
    fabric.rank_representative_.assign(classes.representative.begin(), classes.representative.begin() + end);
    fabric.rank_class_size_.assign(classes.size.begin(), classes.size.begin() + end);
  }

  void number_strands() {
    const auto first = classes_before(strand_node(0)), end = classes_before(channel_node(0));
    fabric.strands_.resize(end - first);
    fabric.flow_class_.resize(traffic.flows.size());
    for (std::uint32_t s = 0; s < strands(); ++s) {
      const auto& strand = traffic.strands[s];
      const auto of = classes.of[strand_node(s)] - first;
      fabric.strands_[of].share = strand.share;
      std::fill_n(fabric.flow_class_.begin() + strand.first_flow, strand.flows, of);
    }
  }

  void number_groups() {
    const auto first = classes_before(ranks());
    for (std::uint32_t g = 0; g < groups(); ++g) {
      fabric.group_class_.push_back(classes.of[ranks() + g] - first);
      if (fabric.group_class_.back() == fabric.groups_.size()) add_group_class(g);
    }
  }

  void add_group_class(std::uint32_t g) {
    const auto& group = traffic.groups[g];
    GroupClass added{.representative = g, .path_latency = path_latency(group), .strands = {}};
    for (const auto& strand : strands_of(group)) added.strands.push_back(fabric.flow_class_[strand.first_flow]);
    std::ranges::sort(added.strands);
    added.strands.erase(std::unique(added.strands.begin(), added.strands.end()), added.strands.end());
    fabric.groups_.push_back(std::move(added));
  }

  /// One channel class as a resource, and how often strands of each class load one of its channels.
  struct Load {
    std::uint32_t strand_class;
    std::uint64_t share;
  };
  using Loads = std::vector<std::vector<Load>>;  ///< by channel class

  /// n(L,A) = |A| s(A,L) / |L|: a whole number, because the partition is equitable.
  Loads loads() const {
    const auto first_strand = classes_before(strand_node(0)), first_channel = classes_before(channel_node(0));
    Loads loads(classes.size.size() - first_channel);
    for (auto c = first_strand; c < first_channel; ++c) {
      for (const auto channel : channels_of(limits, traffic.strands[classes.representative[c] - strand_node(0)])) {
        const auto l = classes.of[channel_node(channel)];
        auto& load = loads[l - first_channel];
        if (load.empty() || load.back().strand_class != c - first_strand) load.push_back({c - first_strand, 0});
        load.back().share += classes.size[c];
      }
    }
    for (std::size_t l = 0; l < loads.size(); ++l) {
      for (auto& [strand_class, share] : loads[l]) {
        if (share % classes.size[first_channel + l] != 0) throw std::logic_error("folding: not equitable");
        share /= classes.size[first_channel + l];
      }
    }
    return loads;
  }

  /// Shares are divided by what they have in common: the engine's cost grows with them.
  void add_resources() {
    const auto first_channel = classes_before(channel_node(0));
    const auto all = loads();
    shares.resize(fabric.strands_.size());
    for (std::size_t l = 0; l < all.size(); ++l) {
      if (all[l].empty()) continue;  // implied by others
      std::uint64_t common = 0;
      for (const auto& load : all[l]) common = std::gcd(common, load.share);
      const auto channel = classes.representative[first_channel + l] - channel_node(0);
      const double limit = capacity[channel] / static_cast<double>(common);
      const auto resource = fabric.engine_.add_resource(limit);
      for (const auto& [strand_class, share] : all[l]) {
        auto& strand = fabric.strands_[strand_class];
        strand.uses.push_back({resource, static_cast<std::uint32_t>(share / common)});
        strand.seconds_per_byte = std::max(strand.seconds_per_byte, static_cast<double>(share / common) / limit);
        if (all[l].size() > 1) shares[strand_class] = true;
      }
    }
  }

  void finish() {
    for (auto& strand : fabric.strands_) strand.seconds_per_byte *= strand.share;
    for (auto& group : fabric.groups_) {
      group.exclusive = std::ranges::none_of(group.strands, [&](auto strand) { return shares[strand]; });
    }
  }
};

FoldedFabric::FoldedFabric(engine::Engine& engine, const topology::Network& network, const Traffic& traffic,
                           LinkEfficiency efficiency, bool fold)
    : engine_(engine), network_(network), efficiency_(efficiency) {
  Builder builder{.fabric = *this, .traffic = traffic, .efficiency = efficiency};
  builder.route();
  builder.fold(fold);
  builder.number_ranks();
  builder.number_strands();
  builder.number_groups();
  builder.add_resources();
  builder.finish();
}

void FoldedFabric::start(std::uint32_t group_class, double bytes, Seconds latency, engine::Callback when_done) {
  account(group_class, bytes);
  const auto& strands = groups_[group_class].strands;
  if (strands.empty()) {
    engine_.start({.amount = 0, .latency = latency, .uses = {}}, std::move(when_done));
    return;
  }
  auto left = std::make_shared<std::size_t>(strands.size());
  auto last = std::make_shared<engine::Callback>(std::move(when_done));
  for (const auto s : strands) {
    const auto& strand = strands_[s];
    engine_.start({.amount = bytes * strand.share, .latency = latency, .uses = strand.uses}, [left, last] {
      if (--*left == 0) (*last)();
    });
  }
}

Seconds FoldedFabric::idle_time(std::uint32_t group_class, double bytes) const {
  double slowest = 0;
  for (const auto strand : groups_[group_class].strands) slowest = std::max(slowest, strands_[strand].seconds_per_byte);
  return Seconds(bytes * slowest);
}

void FoldedFabric::account(std::uint32_t group_class, double bytes) {
  for (const auto strand : groups_[group_class].strands) strands_[strand].bytes += bytes * strands_[strand].share;
}

}  // namespace plenum::datacenter
