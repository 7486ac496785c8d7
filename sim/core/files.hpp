// Where Plenum's own data lies, and output files that are written whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace plenum {

/// Root of the catalogues (topologies/, workloads/, calibration/ below it): $PLENUM_HOME, else where it was built.
std::filesystem::path data_root();

/// Writes to a temporary file beside `file` and renames it; throws std::runtime_error with the path when that fails.
void write_whole(const std::filesystem::path& file, std::string_view content);

}  // namespace plenum
