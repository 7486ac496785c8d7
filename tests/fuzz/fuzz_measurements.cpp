// Any bytes are either another program's output or a list of errors. The first byte chooses the format; what was taken
// in is a measurement file that reads back to the same, once who measured is filled in.
#include <cmath>
#include <cstdlib>

#include "calibration/import/import.hpp"

namespace {

using namespace plenum;
using namespace plenum::calibration;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& format = import_formats[data[0] % import_formats.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Issues issues;
  const auto file = format.import(text, "fuzz.log", issues);
  require(file.has_value() != issues.has_errors());
  if (!file) return 0;
  for (const MeasuredKernel& kernel : file->kernels)
    for (const double time : kernel.microseconds) require(std::isfinite(time) && time > 0);
  require(!text_of(*file).empty());
  return 0;
}
