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
  if (stream.bad()) return fail(std::strerror(errno));
  return text;
}

namespace {

[[noreturn]] void fail_to_write(const fs::path& file, int error) {
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(error)));
}

void write_into(const fs::path& file, std::string_view content, const fs::path& called) {
  errno = 0;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  if (!stream) fail_to_write(called, errno);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) fail_to_write(called, errno);
}

/// Written files that do not yet stand under their names; removed again unless they are all renamed.
class PartialFiles {
 public:
  ~PartialFiles() {
    std::error_code ignored;
    for (const auto& file : files_) fs::remove(file.partial, ignored);
  }

  void write(const Output& output) {
    std::error_code error;
    const fs::path target = fs::is_symlink(output.file, error) ? fs::weakly_canonical(output.file) : output.file;
    const auto status = fs::status(target, error);
    if (fs::exists(status) && !fs::is_regular_file(status)) return write_into(target, output.content, output.file);
    fs::path partial = target;
    partial += fmt::format(".partial-{}-{}", ::getpid(), files_.size());
    files_.push_back({partial, target});
    write_into(partial, output.content, output.file);
    if (fs::exists(status)) fs::permissions(partial, status.permissions(), error);
  }

  void rename() {
    std::error_code error;
    for (const auto& [partial, target] : files_) {
      fs::rename(partial, target, error);
      if (error) fail_to_write(target, error.value());
    }
    files_.clear();
  }

 private:
  struct File {
    fs::path partial, target;
  };
  std::vector<File> files_;
};

}  // namespace

void write_whole(const std::vector<Output>& outputs) {
  PartialFiles partial;
  for (const auto& output : outputs) partial.write(output);
  partial.rename();
}

void write_whole(const fs::path& file, std::string_view content) { write_whole({{file, std::string(content)}}); }

}  // namespace plenum
