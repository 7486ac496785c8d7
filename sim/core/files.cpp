#include "sim/core/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace plenum {
namespace fs = std::filesystem;

fs::path data_root() {
  const char* home = std::getenv("PLENUM_HOME");
  return home && *home ? home : PLENUM_SOURCE_ROOT;
}

std::vector<std::string> catalogue_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(data_root() / folder, ignored))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> read_whole(const fs::path& file, Issues& issues, std::size_t limit) {
  const auto fail = [&](std::string_view why) {
    issues.error({file.string()}, "", fmt::format("cannot be read: {}", why));
    return std::nullopt;
  };
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return fail("it is a folder");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(std::strerror(errno));
  std::string text;
  char block[1 << 16];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > limit) return fail(fmt::format("it has more than {} bytes", limit));
  }
  return text;
}

namespace {

[[noreturn]] void fail_to_write(const fs::path& file, int error) {
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(error)));
}

}  // namespace

void write_whole(const fs::path& file, std::string_view content) {
  fs::path partial = file;
  partial += fmt::format(".partial-{}", ::getpid());
  errno = 0;
  std::ofstream stream(partial, std::ios::binary | std::ios::trunc);
  if (!stream) fail_to_write(file, errno);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  std::error_code error;
  if (stream) fs::rename(partial, file, error);
  if (stream && !error) return;
  const int reason = error ? error.value() : errno;
  fs::remove(partial, error);
  fail_to_write(file, reason);
}

}  // namespace plenum
