// Equal-cost multi-path: a flow keeps to one of the shortest paths, chosen by a hash of (source, destination, label);
// flows that hash alike share a cable while others idle.
#include "sim/core/random.hpp"
#include "topologies/network.hpp"

namespace plenum::topology {
namespace {

class Ecmp : public FatTreeNetwork {
 public:
  using FatTreeNetwork::FatTreeNetwork;

 private:
  void cross(const Crossing& crossing, std::vector<std::uint32_t>& channels) const override {
    std::uint64_t hash = mix((std::uint64_t{crossing.source} << 32 | crossing.destination) ^ mix(crossing.label));
    const auto draw = [&hash](std::int64_t choices) {
      hash = mix(hash);
      return static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(choices));
    };
    Choice choice{.leaf_uplink = draw(shape_.leaf_up), .spine_cable = draw(shape_.cables_per_leaf_and_spine())};
    if (shape_.levels == 3) {
      choice.spine_uplink = draw(shape_.spine_up);
      choice.core_cable = draw(shape_.cables_per_spine_and_core());
    }
    follow(crossing, choice, channels);
  }
};

}  // namespace

std::unique_ptr<Network> make_ecmp(const Cluster& cluster, const ClusterSpecification& specification) {
  return std::make_unique<Ecmp>(cluster, specification);
}

}  // namespace plenum::topology
