// How far a long command is and how long it will still take: one line on a terminal that disappears at the end. Quick
// commands and pipes never see it.
#pragma once

#include <chrono>
#include <string_view>

namespace plenum::cli {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `of` pieces; `what` is the piece at hand.
  void operator()(std::size_t done, std::size_t of, std::string_view what = {});
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, told_;
};

}  // namespace plenum::cli
