// What all routing policies share: channels are the graph's edges, in its numbering; a route goes over NVLink inside
// one NVSwitch domain, else GPU -> NIC -> leaf ... leaf -> NIC -> GPU. A policy only says how to cross from leaf to
// leaf. Edges are found by arithmetic on the order that the generators promise (node.hpp, fat_tree.hpp), never by
// search.
#pragma once

#include "topologies/fat_tree_shape.hpp"
#include "topologies/routing.hpp"

namespace plenum::topology {

class FatTreeNetwork : public Network {
 public:
  FatTreeNetwork(const Cluster&, const ClusterSpecification&);
  std::size_t channel_count() const override { return num_edges(cluster_.graph); }
  Channel channel(std::uint32_t id) const override;
  std::string channel_name(std::uint32_t id) const override;
  void route(std::uint32_t source, std::uint32_t destination, std::uint64_t label,
             std::vector<std::uint32_t>& channels) const final;

 protected:
  /// From one leaf to another one.
  struct Crossing {
    std::uint32_t source = 0, destination = 0;  ///< GPUs
    std::uint64_t label = 0;
    std::int64_t source_leaf = 0, destination_leaf = 0;
    std::int64_t destination_port = 0;  ///< of the destination's leaf
  };
  virtual void cross(const Crossing&, std::vector<std::uint32_t>& channels) const = 0;

  /// One of the parallel choices at every step of an up-down path.
  struct Choice {
    std::int64_t leaf_uplink = 0;   ///< in [0, leaf_up): spine and cable
    std::int64_t spine_uplink = 0;  ///< in [0, spine_up): core and cable
    std::int64_t core_cable = 0;    ///< in [0, cables_per_spine_and_core): on the way down
    std::int64_t spine_cable = 0;   ///< in [0, cables_per_leaf_and_spine): on the way down
  };
  void follow(const Crossing&, const Choice&, std::vector<std::uint32_t>& channels) const;

  const Cluster& cluster_;
  const FatTreeShape shape_;

 private:
  struct Attachment {
    std::int64_t nic, leaf, port;  ///< NIC number in the cluster
  };
  Attachment attachment_of(std::int64_t gpu) const;
  std::uint32_t edge_of(VertexKind, std::int64_t index, std::int64_t position) const;     ///< from the first edge on
  std::uint32_t uplink_of(VertexKind, std::int64_t index, std::int64_t from_last) const;  ///< 1 is the last edge
  void over_nvlink(std::int64_t source, std::int64_t destination, std::vector<std::uint32_t>& channels) const;
  void over_fabric(std::int64_t source, const Crossing&, std::vector<std::uint32_t>& channels) const;
  std::int64_t on_rail_of(std::int64_t source, std::int64_t destination) const;

  const NodeSpecification node_;
};

std::unique_ptr<Network> make_spread(const Cluster&, const ClusterSpecification&);
std::unique_ptr<Network> make_ecmp(const Cluster&, const ClusterSpecification&);
std::unique_ptr<Network> make_destination(const Cluster&, const ClusterSpecification&);

}  // namespace plenum::topology
