// What a rank gets of its node's host while all GPUs of the node use it, as ranks of one step do.
#pragma once

#include "topologies/specification.hpp"
#include "workloads/training/offload.hpp"

namespace plenum::datacenter {

struct HostShare {
  BytesPerSecond copy{};    ///< per direction: the GPU's link, or its part of the memory's bandwidth
  BytesPerSecond update{};  ///< of the memory's bandwidth, as Adam reaches it
};

/// Zeros when the node does not state its memory's bandwidth.
HostShare host_share(const topology::NodeSpecification&);

/// A copy, and the host's part of a step: one after the other, or gradients and parameters of some layers are copied
/// beside the update of others, and the slowest of the three decides. Zero bytes take none.
Seconds copy_time(Bytes, const HostShare&);
Seconds update_time(const workload::HostUpdate&, const HostShare&, bool overlap);

}  // namespace plenum::datacenter
