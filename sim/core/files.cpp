#include "sim/core/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
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

/// Signals that end the program wait while files are neither whole nor gone.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, signal);
    sigprocmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

/// Links are followed.
fs::path target_of(const fs::path& file) {
  std::error_code error;
  return fs::is_symlink(file, error) ? fs::weakly_canonical(file) : file;
}

bool is_device(const fs::path& target) {
  std::error_code error;
  const auto status = fs::status(target, error);
  return fs::exists(status) && !fs::is_regular_file(status);
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
    const fs::path target = target_of(output.file);
    const auto status = fs::status(target, error);
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
  for (const auto& output : outputs)  // may wait for a reader, so before signals are held
    if (is_device(target_of(output.file))) write_into(target_of(output.file), output.content, output.file);
  const SignalsHeld held;
  PartialFiles partial;
  for (const auto& output : outputs)
    if (!is_device(target_of(output.file))) partial.write(output);
  partial.rename();
}

void write_whole(const fs::path& file, std::string_view content) { write_whole({{file, std::string(content)}}); }

}  // namespace plenum
