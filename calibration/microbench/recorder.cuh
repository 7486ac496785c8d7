// Times work with device events, keeps what was measured through interruptions, and tells how far it is.
#pragma once

#include <cuda_runtime.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "calibration/microbench/nvml.cuh"

namespace microbench {

struct Measurement {
  std::string kernel, shape;
  std::vector<double> microseconds;
};

/// Work to be timed. `run(i)` enqueues it once on the stream; i counts up, so that it can use another buffer each time.
struct Work {
  std::string kernel, shape;
  std::function<void(cudaStream_t, int)> run;
  std::function<std::string()> wrong;  ///< empty when the result is right, else what is wrong; may be unset
  /// Replayed from a graph, so that a short kernel's time is not the host's; false for work on several streams and for
  /// what is measured because the host issues it.
  bool from_graph = true;
};

/// One file per run: OUT.part grows by a line per kernel and fact and is read again by the next run (on the same kind
/// of GPU), OUT is written at the end.
class Recorder {
 public:
  /// Of products only those in `formats`, in all of them when it is empty.
  Recorder(std::string out, bool full, int device, std::set<std::string> formats);

  bool full() const { return full_; }
  bool wants(const std::string& format) const { return formats_.empty() || formats_.count(format) > 0; }
  cudaStream_t stream() const { return stream_; }
  /// Whether it was measured already, by this run or the one that was cut short.
  bool known(const std::string& kernel, const std::string& shape) const {
    return known_.count(kernel + "\t" + shape) > 0;
  }
  /// Announces how many measurements are to come, for the bar.
  void expect(int measurements) { expected_ += measurements; }
  /// Checks the result, runs until the clock stands that the power limit allows this kernel, times it in batches long
  /// enough for the events' resolution: 20 repetitions, more while the 95 % interval of the median is wider than 1 %
  /// and there are fewer than 60; not more than nine when that takes longer than a kernel may. A kernel that computes
  /// wrongly is told and left out. Ends the program when the card throttles or others use it.
  void measure(const Work&);
  /// A time found otherwise (host clock, a state that was waited for).
  void record(const Measurement&);
  void fact(const std::string& name, const std::string& value);
  /// Writes OUT, marked complete, and removes OUT.part.
  void finish(const std::string& source);
  bool all_right() const { return wrong_ == 0; }  ///< every kernel computed what it should

 private:
  void read_part();
  void append(const std::string& line) const;
  void watch_card();
  bool computes_wrongly(const Work&);
  double microseconds_of(const std::function<void()>& enqueue);
  std::vector<double> repetitions_of(const std::function<void()>& batch, int size);
  void show_progress(const std::string& now);

  std::string out_, gpu_;
  bool full_;
  std::set<std::string> formats_;
  Nvml nvml_;
  cudaStream_t stream_{};
  cudaEvent_t begin_{}, end_{};
  std::set<std::string> known_;
  std::vector<Measurement> measurements_;
  std::vector<std::pair<std::string, std::string>> facts_;
  int expected_ = 0, done_ = 0, wrong_ = 0;
  double started_ = 0, looked_ = 0;
};

/// Half the width of the 95 % interval of the median, relative: between order statistics, without assuming a
/// distribution.
double uncertainty(std::vector<double> microseconds);

}  // namespace microbench
