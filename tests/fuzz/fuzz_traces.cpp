// Any bytes are a Chakra trace, a SimAI text or a list of errors; what is a trace has ranks that agree or errors.
#include <cstdlib>
#include <string>

#include "workloads/traces/chakra_file.hpp"
#include "workloads/traces/replicate.hpp"
#include "workloads/traces/simai.hpp"

namespace {

using namespace plenum;

constexpr std::int64_t quick_to_check = 256;  // ranks

void require(bool holds) {
  if (!holds) std::abort();
}

void check_chakra(std::string_view bytes) {
  Issues issues;
  const auto program = workload::read_chakra(bytes, "fuzz.0.et", issues);
  require((program != nullptr) != issues.has_errors());
  if (!program) return;
  workload::Trace trace;
  trace.recorded = {program, program};
  workload::replicate(trace, 0, issues);
}

void check_simai(std::string_view text) {
  Issues issues;
  auto trace = workload::read_simai(text, "fuzz.txt", 0, issues);
  require(trace.has_value() != issues.has_errors());
  if (!trace || trace->ranks > quick_to_check) return;
  workload::replicate(*trace, trace->ranks, issues);
  require(!issues.has_errors());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_chakra(text);
  check_simai(text);
  return 0;
}
