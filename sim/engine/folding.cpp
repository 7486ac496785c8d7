// Refinement by worklist: only nodes with a neighbour whose colour has just changed can leave their class. When a class
// splits, its largest part keeps the colour, so that each node changes colour at most log2(nodes) times (Hopcroft
// 1971).
#include "sim/engine/folding.hpp"

#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "sim/core/random.hpp"

namespace plenum::engine {
namespace {

constexpr auto none = std::numeric_limits<std::uint32_t>::max();

struct Incidence {
  std::uint32_t neighbour;
  std::uint32_t role;  ///< label and direction
};

/// Neighbours of every node in one array.
struct Adjacency {
  std::vector<std::uint32_t> first;  ///< nodes + 1
  std::vector<Incidence> incidences;

  explicit Adjacency(const SymmetryGraph& graph) : first(graph.kind.size() + 1), incidences(2 * graph.edges.size()) {
    for (const auto& edge : graph.edges) ++first[edge.from], ++first[edge.to];
    std::partial_sum(first.begin(), first.end(), first.begin());
    for (const auto& edge : graph.edges) {
      incidences[--first[edge.from]] = {edge.to, 2 * edge.label};
      incidences[--first[edge.to]] = {edge.from, 2 * edge.label + 1};
    }
  }

  std::span<const Incidence> of(std::uint32_t node) const {
    return {incidences.data() + first[node], incidences.data() + first[node + 1]};
  }
};

/// A multiset of (role, colour): sums of two independent mixes, which no order of edges changes.
struct Signature {
  std::uint64_t low = 0, high = 0;
  bool operator==(const Signature&) const = default;
};

struct Key {
  std::uint32_t colour;
  Signature signature;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const { return mix(key.colour ^ key.signature.low ^ key.signature.high); }
};

/// Part of a class whose members were looked at in this round and have the same signature.
struct Part {
  Key key;
  std::uint32_t members = 0;
  std::uint32_t colour = none;  ///< from now on
};

class Refinement {
 public:
  explicit Refinement(const SymmetryGraph& graph)
      : adjacency_(graph), colour_(graph.kind.size()), part_of_(graph.kind.size()), queued_(graph.kind.size(), true) {
    std::unordered_map<std::uint64_t, std::uint32_t> colours;
    for (std::uint32_t node = 0; node < colour_.size(); ++node) {
      colour_[node] = colours.try_emplace(graph.kind[node], static_cast<std::uint32_t>(colours.size())).first->second;
    }
    size_.resize(colours.size());
    for (const auto colour : colour_) ++size_[colour];
    queue_.resize(colour_.size());
    std::iota(queue_.begin(), queue_.end(), 0U);
  }

  std::uint32_t run() {
    std::uint32_t rounds = 0;
    for (; !queue_.empty(); ++rounds) {
      find_parts();
      colour_parts();
      recolour();
    }
    return rounds;
  }

  const std::vector<std::uint32_t>& colours() const { return colour_; }

 private:
  Signature signature_of(std::uint32_t node) const {
    Signature sum;
    for (const auto& [neighbour, role] : adjacency_.of(node)) {
      const std::uint64_t seen = std::uint64_t{role} << 32 | colour_[neighbour];
      sum.low += mix(seen);
      sum.high += mix(seen ^ 0x5851f42d4c957f2dULL);
    }
    return sum;
  }

  void find_parts() {
    parts_.clear();
    index_.clear();
    latest_part_.resize(size_.size(), none);
    for (const auto node : queue_) {
      const auto colour = colour_[node];
      const Key key{colour, signature_of(node)};
      auto& latest = latest_part_[colour];  // most classes do not split: looking here saves the hash table
      if (latest == none || parts_[latest].key != key) {
        latest = index_.try_emplace(key, static_cast<std::uint32_t>(parts_.size())).first->second;
        if (latest == parts_.size()) parts_.push_back({key});
      }
      ++parts_[latest].members;
      part_of_[node] = latest;
    }
  }

  /// Those who were not looked at keep the colour, or, when there are none, the largest part does.
  void colour_parts() {
    unseen_.resize(size_.size());
    for (const auto& part : parts_) unseen_[part.key.colour] = size_[part.key.colour];
    for (const auto& part : parts_) unseen_[part.key.colour] -= part.members;
    for (std::uint32_t p = 0; p < parts_.size(); ++p) {  // latest_part_: the largest part from here on
      auto& largest = latest_part_[parts_[p].key.colour];
      if (parts_[p].members > parts_[largest].members) largest = p;
    }
    for (std::uint32_t p = 0; p < parts_.size(); ++p) {
      auto& part = parts_[p];
      const bool keeps = unseen_[part.key.colour] == 0 && latest_part_[part.key.colour] == p;
      part.colour = keeps ? part.key.colour : static_cast<std::uint32_t>(size_.size());
      if (keeps) continue;
      size_[part.key.colour] -= part.members;
      size_.push_back(part.members);
    }
    for (const auto& part : parts_) latest_part_[part.key.colour] = none;
  }

  void recolour() {
    const std::vector<std::uint32_t> seen = std::exchange(queue_, {});
    for (const auto node : seen) queued_[node] = false;
    for (const auto node : seen) {
      const auto colour = parts_[part_of_[node]].colour;
      if (colour == colour_[node]) continue;
      colour_[node] = colour;
      for (const auto& [neighbour, role] : adjacency_.of(node)) {
        if (!queued_[neighbour]) queue_.push_back(neighbour);
        queued_[neighbour] = true;
      }
    }
  }

  Adjacency adjacency_;
  std::vector<std::uint32_t> colour_, size_;         ///< by node; by colour
  std::vector<std::uint32_t> queue_, part_of_;       ///< by place; by node
  std::vector<std::uint32_t> latest_part_, unseen_;  ///< by colour, scratch
  std::vector<bool> queued_;
  std::vector<Part> parts_;
  std::unordered_map<Key, std::uint32_t, KeyHash> index_;
};

Classes number_by_appearance(const std::vector<std::uint32_t>& colours) {
  Classes classes;
  std::vector<std::uint32_t> number(colours.size(), none);
  for (std::uint32_t node = 0; node < colours.size(); ++node) {
    auto& of = number[colours[node]];
    if (of == none) {
      of = static_cast<std::uint32_t>(classes.size.size());
      classes.representative.push_back(node);
      classes.size.push_back(0);
    }
    ++classes.size[of];
    classes.of.push_back(of);
  }
  return classes;
}

}  // namespace

Classes fold(const SymmetryGraph& graph) {
  Refinement refinement(graph);
  const auto rounds = refinement.run();
  Classes classes = number_by_appearance(refinement.colours());
  classes.rounds = rounds;
  return classes;
}

Classes identity(std::size_t nodes) {
  Classes classes;
  classes.of.resize(nodes);
  std::iota(classes.of.begin(), classes.of.end(), 0U);
  classes.representative = classes.of;
  classes.size.assign(nodes, 1);
  return classes;
}

}  // namespace plenum::engine
