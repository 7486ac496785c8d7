#include "sim/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace plenum::cli {
namespace {

using std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

constexpr seconds quick{2.0};    // nobody needs to know how a shorter command proceeds
constexpr seconds between{0.1};  // more often, and the terminal would flicker
constexpr int width = 24;

std::string left(double time) {
  const auto whole = static_cast<long>(time + 0.5);
  return whole < 60 ? fmt::format("{} s left", whole) : fmt::format("{} min {:02} s left", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO)), start_(steady_clock::now()), told_(start_) {}

void Progress::operator()(std::size_t done, std::size_t of, std::string_view what) {
  const auto now = steady_clock::now();
  if (!terminal_ || now - start_ < quick || now - told_ < between || of == 0) return;
  told_ = now;
  shown_ = true;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(of));
  const auto filled = static_cast<std::size_t>(share * width);
  const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
  const double spent = seconds(now - start_).count();
  const std::string rest = share > 0 ? ", " + left(spent / share * (1 - share)) : "";
  std::cerr << fmt::format("\r[{}] {:3.0f} %{} {}\033[K", bar, 100 * share, rest, what) << std::flush;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace plenum::cli
