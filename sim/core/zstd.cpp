#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <memory>

#include "sim/core/files.hpp"

namespace plenum {

std::optional<std::string> read_zstd(const std::filesystem::path& file, Issues& issues, std::size_t limit) {
  const auto compressed = read_whole(file, issues, limit);
  if (!compressed) return std::nullopt;
  const auto fail = [&](std::string_view why) {
    issues.error({file.string()}, "", fmt::format("cannot be decompressed: {}", why));
    return std::nullopt;
  };
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), &ZSTD_freeDStream);
  ZSTD_inBuffer in{compressed->data(), compressed->size(), 0};
  std::array<char, 1 << 16> block;
  std::string text;
  std::size_t left_in_frame = 0;
  for (bool block_was_full = false; in.pos < in.size || block_was_full;) {
    ZSTD_outBuffer out{block.data(), block.size(), 0};
    left_in_frame = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(left_in_frame)) return fail(ZSTD_getErrorName(left_in_frame));
    text.append(block.data(), out.pos);
    if (text.size() > limit) return fail(fmt::format("it has more than {} bytes", limit));
    block_was_full = out.pos == out.size;
  }
  if (left_in_frame != 0) return fail("it ends early");
  return text;
}

}  // namespace plenum
