// Runs a simulation in a child process, since SimGrid survives only one per process, and brings back its numbers.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <stdexcept>
#include <vector>

namespace plenum::test {

namespace detail {
inline void write_all(int file, const char* data, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(file, data, size);
    if (written <= 0) std::_Exit(3);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

[[noreturn]] inline void child(int file, const std::function<std::vector<double>()>& simulate) {
  try {
    const auto numbers = simulate();
    write_all(file, reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
    std::_Exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simulation in a child process: %s\n", error.what());
    std::_Exit(2);
  }
}

inline std::vector<double> read_all(int file) {
  std::vector<double> numbers;
  std::vector<char> bytes;
  char buffer[65536];
  for (ssize_t got; (got = ::read(file, buffer, sizeof buffer)) > 0;) bytes.insert(bytes.end(), buffer, buffer + got);
  numbers.resize(bytes.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
  return numbers;
}
}  // namespace detail

/// What `simulate` returns in a child process; std::runtime_error when the child throws or crashes.
inline std::vector<double> in_child(const std::function<std::vector<double>()>& simulate) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::close(ends[0]);
    detail::child(ends[1], simulate);
  }
  ::close(ends[1]);
  const auto numbers = detail::read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("the child process failed");
  return numbers;
}

}  // namespace plenum::test
