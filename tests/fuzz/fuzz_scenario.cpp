// Any bytes are either a scenario or a list of errors: never a crash, a hang, an exception or undefined behaviour. What
// is a scenario must be written to text that reads back to the same.
#include <cstdlib>

#include "sim/scenario/scenario.hpp"

namespace {

using namespace plenum;

constexpr std::int64_t quick_to_build = 1024;  // GPUs

void require(bool holds) {
  if (!holds) std::abort();
}

std::string text_of(scenario::Scenario scenario) {
  return json::canonical(write_fields([&](Fields& fields) { describe(fields, scenario); }, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Issues issues;
  const auto loaded = scenario::load_text(text, "fuzz.json", {}, issues);
  require(loaded.has_value() || issues.has_errors());
  if (!loaded) return 0;
  if (issues.has_errors()) {
    require(scenario::bind(*loaded, issues) == nullptr);
    return 0;
  }

  const std::string written = text_of(loaded->scenario);
  const auto again = scenario::load_text(written, "again.json", {}, issues);
  require(again.has_value() && text_of(again->scenario) == written && again->digest == loaded->digest);

  const auto& cluster = loaded->scenario.cluster;
  if (cluster.nodes * cluster.node.gpus > quick_to_build) return 0;
  const auto bound = scenario::bind(*loaded, issues);
  require((bound != nullptr) != issues.has_errors());
  return 0;
}
