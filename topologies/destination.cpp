// d-mod-k, InfiniBand's static routing for fat trees (Zahavi 2012): the destination alone decides. Number destinations
// by leaf and port; a leaf goes up by cable d mod uplinks, a spine by (d / uplinks) mod its uplinks, and down by the
// same parallel cable. In a non-blocking tree every destination then has a way down that no other shares.
#include "topologies/network.hpp"

namespace plenum::topology {
namespace {

class Destination : public FatTreeNetwork {
 public:
  using FatTreeNetwork::FatTreeNetwork;

 private:
  void cross(const Crossing& crossing, std::vector<std::uint32_t>& channels) const override {
    const std::int64_t d = crossing.destination_leaf * shape_.leaf_down + crossing.destination_port;
    Choice choice{.leaf_uplink = d % shape_.leaf_up};
    choice.spine_cable = choice.leaf_uplink / shape_.spines_per_pod;
    if (shape_.levels == 3) {
      choice.spine_uplink = d / shape_.leaf_up % shape_.spine_up;
      choice.core_cable = choice.spine_uplink / shape_.cores_per_spine;
    }
    follow(crossing, choice, channels);
  }
};

}  // namespace

std::unique_ptr<Network> make_destination(const Cluster& cluster, const ClusterSpecification& specification) {
  return std::make_unique<Destination>(cluster, specification);
}

}  // namespace plenum::topology
