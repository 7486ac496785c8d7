// Any bytes are either a cluster that passes its checks or a list of errors with positions: never a crash, a hang, a
// leak, an exception or undefined behaviour. PLENUM_IMPORT names the reader.
#include <cstdlib>

#include "topologies/import/import.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plenum;
  Issues issues;
  const auto cluster = topology::PLENUM_IMPORT({reinterpret_cast<const char*>(data), size}, "fuzz", issues);
  require(cluster.has_value() != issues.has_errors());
  for (const auto& issue : issues.all()) require(issue.where.file == "fuzz" && issue.where.line > 0);
  if (cluster) require(topology::check(*cluster).empty());
  return 0;
}
