// One rank's Chakra execution trace (MLCommons, et_def.proto 1.0): length-delimited protobuf messages, first the file's
// metadata, then a node each.
#pragma once

#include <string_view>

#include "workloads/traces/program.hpp"

namespace plenum::workload {

/// The tasks of a file, or nothing with issues: truncated or foreign bytes, nodes of unknown kind, communication
/// without size or partner. Collectives tell what each rank puts in (comm_size, as ASTRA-sim reads it).
std::shared_ptr<const Program> read_chakra(std::string_view bytes, const std::string& file, Issues&);

}  // namespace plenum::workload
