// Text that is decompressed as it is read, whatever its size.
#pragma once

#include <filesystem>
#include <istream>
#include <memory>

#include "sim/core/issue.hpp"

namespace plenum {

/// Nothing with an issue when the file can't be read. Where the compressed data are broken or end early, the stream
/// turns bad().
std::unique_ptr<std::istream> open_zstd(const std::filesystem::path&, Issues&);

}  // namespace plenum
