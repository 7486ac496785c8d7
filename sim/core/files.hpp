// Where Plenum's own data lies, input files read whole, and output files that are written whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/issue.hpp"

namespace plenum {

/// Root of the catalogues (topologies/, workloads/, calibration/ below it): $PLENUM_HOME, else where it was built.
std::filesystem::path data_root();

/// Names (without .json) of the files NAME.json in `folder` below data_root(), sorted; empty when there is no such
/// folder.
std::vector<std::string> catalogue_names(const std::filesystem::path& folder);

inline constexpr std::size_t largest_input = std::size_t{1} << 28;  ///< bytes, also after decompression

/// All bytes of `file`, or nothing with an error: missing, unreadable, a folder, more than `limit` bytes.
std::optional<std::string> read_whole(const std::filesystem::path& file, Issues&, std::size_t limit = largest_input);

/// The same for Zstandard files.
std::optional<std::string> read_zstd(const std::filesystem::path& file, Issues&, std::size_t limit = largest_input);

struct Output {
  std::filesystem::path file;
  std::string content;
};

/// All of them or none: each goes to a temporary file beside its target, and only then are all renamed. Links are
/// followed, permissions are kept; what is no regular file (a device, a pipe) is written into. Throws
/// std::runtime_error with the path when a file can't be written.
void write_whole(const std::vector<Output>& outputs);
void write_whole(const std::filesystem::path& file, std::string_view content);

}  // namespace plenum
