#include "analysis/forked.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace plenum::analysis {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

struct Child {
  pid_t process = 0;
  int pipe = -1;
  std::size_t index = 0;
};

void write_all(int file, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = write(file, text.data() + sent, text.size() - sent);
    if (count < 0 && errno != EINTR) _exit(1);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
}

/// Leaves without destructors or flushed buffers: both belong to the parent.
[[noreturn]] void work(int pipe, std::size_t index, const std::function<std::string(std::size_t)>& task,
                       unsigned seconds) {
  alarm(seconds);
  try {
    write_all(pipe, task(index));
  } catch (const std::exception& failure) {
    write_all(STDERR_FILENO, fmt::format("task {}: {}\n", index, failure.what()));
    _exit(1);
  }
  _exit(0);
}

Child start(std::size_t index, const std::function<std::string(std::size_t)>& task, unsigned seconds) {
  int ends[2];
  if (pipe(ends) != 0) fail("pipe");
  const pid_t process = fork();
  if (process < 0) fail("fork");
  if (process == 0) {
    close(ends[0]);
    work(ends[1], index, task, seconds);
  }
  close(ends[1]);
  return {process, ends[0], index};
}

std::string describe(int status, unsigned seconds) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return fmt::format("no result within {} s", seconds);
  if (WIFSIGNALED(status)) return fmt::format("the process ended with signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return fmt::format("the process ended with status {}", WEXITSTATUS(status));
  return {};
}

/// Reads what is there; true at the end of the child's output.
bool drain(const Child& child, Forked& result) {
  char buffer[4096];
  const auto count = read(child.pipe, buffer, sizeof buffer);
  if (count > 0) result.output.append(buffer, static_cast<std::size_t>(count));
  return count == 0 || (count < 0 && errno != EINTR);
}

void finish(const Child& child, Forked& result, unsigned seconds) {
  close(child.pipe);
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
  }
  result.failure = describe(status, seconds);
}

std::vector<pollfd> watched(const std::vector<Child>& children) {
  std::vector<pollfd> files;
  for (const auto& child : children) files.push_back({child.pipe, POLLIN, 0});
  return files;
}

}  // namespace

std::vector<Forked> run_forked(std::size_t count, const std::function<std::string(std::size_t)>& task,
                               const std::function<void(std::size_t, std::size_t)>& progress, ForkedLimits limits) {
  std::vector<Forked> results(count);
  std::vector<Child> running;
  std::size_t next = 0, done = 0;
  while (done < count) {
    while (next < count && running.size() < static_cast<std::size_t>(limits.processes))
      running.push_back(start(next++, task, limits.seconds));
    auto files = watched(running);
    if (poll(files.data(), files.size(), -1) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = files.size(); i-- > 0;) {
      if (files[i].revents == 0 || !drain(running[i], results[running[i].index])) continue;
      finish(running[i], results[running[i].index], limits.seconds);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      progress(++done, count);
    }
  }
  return results;
}

}  // namespace plenum::analysis
