// Any text is a configuration of Megatron-LM or torchtitan, or a list of errors.
#include <cstdlib>

#include "workloads/import/imported_job.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plenum;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto read : {workload::import_megatron, workload::import_torchtitan}) {
    Issues issues;
    auto job = read(text, "fuzz", issues);
    if (job.has_value() == issues.has_errors()) std::abort();
    if (job) workload::finish(*job, 64);
  }
  return 0;
}
