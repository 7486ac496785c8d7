#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include "calibration/microbench/check.cuh"
#include "calibration/microbench/graph.cuh"
#include "calibration/microbench/recorder.cuh"

namespace microbench {
namespace {

constexpr int ranked = 9, fewest = 20, most = 60, warm_up = 3;  // ranked: what the drift check's rank test needs
constexpr const char* fact_mark = "#";
constexpr double shortest_batch = 200;  // us; events resolve half a microsecond
constexpr double sharp = 0.01;
// A card under load takes some 50 ms to find the clock that its power limit allows; shorter kernels don't load it.
constexpr double draws_power = 20, settling = 0.25;  // us, s

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return result + "\"";
}

std::string numbers(const std::vector<double>& values, const char* separator) {
  std::string text;
  char number[32];
  for (const double value : values) {
    std::snprintf(number, sizeof number, "%.6g", value);
    text += (text.empty() ? "" : separator) + std::string(number);
  }
  return text;
}

std::string today() {
  const std::time_t seconds = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&seconds));
  return text;
}

}  // namespace

double uncertainty(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double n = double(values.size()), spread = 0.98 * std::sqrt(n);  // 1.96 sqrt(n) / 2
  const auto low = std::size_t(std::max(0.0, std::floor(n / 2 - spread)));
  const auto high = std::size_t(std::min(n - 1, std::ceil(n / 2 + spread)));
  return (values[high] - values[low]) / 2 / values[values.size() / 2];
}

Recorder::Recorder(std::string out, bool full, int device, std::set<std::string> formats)
    : out_(std::move(out)), full_(full), formats_(std::move(formats)), nvml_(device), started_(now()) {
  CHECK(cudaSetDevice(device));
  CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  CHECK(cudaEventCreate(&begin_));
  CHECK(cudaEventCreate(&end_));
  cudaDeviceProp properties{};
  CHECK(cudaGetDeviceProperties(&properties, device));
  gpu_ = properties.name;
  read_part();
  if (facts_.empty()) fact("GPU", gpu_);
}

/// Lines without an end were cut off while they were written and don't count.
void Recorder::read_part() {
  std::ifstream part(out_ + ".part");
  for (std::string line; std::getline(part, line) && !part.eof();) {
    std::istringstream fields(line);
    Measurement m;
    std::string times;
    if (!std::getline(fields, m.kernel, '\t') || !std::getline(fields, m.shape, '\t') || !std::getline(fields, times))
      refuse_file(out_ + ".part is no measurement that was cut short; remove it");
    if (m.kernel == fact_mark) {
      facts_.emplace_back(m.shape, times);
      continue;
    }
    std::istringstream words(times);
    for (double value = 0; words >> value;) m.microseconds.push_back(value);
    known_.insert(m.kernel + "\t" + m.shape);
    measurements_.push_back(m);
  }
  if (!facts_.empty() && facts_[0].second != gpu_)
    refuse_file(out_ + ".part was measured on a " + facts_[0].second + ", this is a " + gpu_ +
                "; choose another --out");
}

void Recorder::append(const std::string& line) const {
  std::ofstream part(out_ + ".part", std::ios::app);
  part << line << '\n' << std::flush;
  if (!part) refuse_file("cannot write " + out_ + ".part");
}

void Recorder::show_progress(const std::string& what) {
  ++done_;
  if (!isatty(STDERR_FILENO)) return;
  const double elapsed = now() - started_, left = elapsed / done_ * std::max(0, expected_ - done_);
  std::fprintf(stderr, "\r%d/%d  %.0f s left  %-60.60s", done_, expected_, left, what.c_str());
}

void Recorder::record(const Measurement& m) {
  measurements_.push_back(m);
  known_.insert(m.kernel + "\t" + m.shape);
  append(m.kernel + '\t' + m.shape + '\t' + numbers(m.microseconds, " "));
}

void Recorder::watch_card() {
  constexpr double between_looks = 2;  // s
  if (now() - looked_ < between_looks) return;
  looked_ = now();
  if (const auto reading = nvml_.read())
    if (const std::string why = trouble(*reading); !why.empty()) give_up(why, __FILE__, __LINE__);
}

bool Recorder::computes_wrongly(const Work& work) {
  const std::string wrong = work.wrong ? work.wrong() : "";
  if (wrong.empty()) return false;
  ++wrong_;
  std::fprintf(stderr, "\nplenum: error: %s %s computes wrongly and is left out: %s\n", work.kernel.c_str(),
               work.shape.c_str(), wrong.c_str());
  fact("wrong: " + work.kernel + " " + work.shape, wrong);
  return true;
}

double Recorder::microseconds_of(const std::function<void()>& enqueue) {
  CHECK(cudaEventRecord(begin_, stream_));
  enqueue();
  CHECK(cudaEventRecord(end_, stream_));
  CHECK(cudaEventSynchronize(end_));
  CHECK(cudaGetLastError());
  float milliseconds = 0;
  CHECK(cudaEventElapsedTime(&milliseconds, begin_, end_));
  return 1e3 * double(milliseconds);
}

/// Of one of the `size` calls that a batch enqueues.
std::vector<double> Recorder::repetitions_of(const std::function<void()>& batch, int size) {
  if (microseconds_of(batch) / size > draws_power)
    for (const double stop = now() + settling; now() < stop;) microseconds_of(batch);
  std::vector<double> microseconds;
  const double stop = now() + (full_ ? 3 : 0.4);
  const auto unsure = [&] {
    const int count = int(microseconds.size());
    return count < ranked || (now() < stop && (count < fewest || (count < most && uncertainty(microseconds) > sharp)));
  };
  while (unsure()) microseconds.push_back(microseconds_of(batch) / size);
  return microseconds;
}

void Recorder::measure(const Work& work) {
  show_progress(work.kernel + " " + work.shape);
  if (known(work.kernel, work.shape)) return;
  watch_card();
  int turn = 0;
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) work.run(stream_, turn++);
  };
  microseconds_of([&] { run(1); });
  if (computes_wrongly(work)) return;
  const double once = microseconds_of([&] { run(warm_up); }) / warm_up;
  const int size = std::max(1, int(std::ceil(shortest_batch / std::max(once, 0.5))));
  if (work.from_graph) {
    const Graph graph(stream_, [&] { run(size); });
    record({work.kernel, work.shape, repetitions_of([&] { graph.launch(); }, size)});
  } else {
    record({work.kernel, work.shape, repetitions_of([&] { run(size); }, size)});
  }
}

void Recorder::fact(const std::string& name, const std::string& value) {
  const auto same = [&name](const auto& known) { return known.first == name; };
  if (std::any_of(facts_.begin(), facts_.end(), same)) return;  // said before the run was cut short
  facts_.emplace_back(name, value);
  append(std::string(fact_mark) + '\t' + name + '\t' + value);
}

void Recorder::finish(const std::string& source) {
  const std::string temporary = out_ + ".new";
  std::ofstream file(temporary);
  file << "{\n  \"format\": \"plenum-measurements-1\",\n  \"gpu\": " << quoted(gpu_)
       << ",\n  \"date\": " << quoted(today()) << ",\n  \"source\": " << quoted(source)
       << ",\n  \"complete\": true,\n  \"facts\": [";
  for (std::size_t i = 0; i < facts_.size(); ++i)
    file << (i ? "," : "") << "\n    {\"name\": " << quoted(facts_[i].first)
         << ", \"value\": " << quoted(facts_[i].second) << "}";
  file << "],\n  \"kernels\": [";
  for (std::size_t i = 0; i < measurements_.size(); ++i)
    file << (i ? "," : "") << "\n    {\"kernel\": " << quoted(measurements_[i].kernel)
         << ", \"shape\": " << quoted(measurements_[i].shape) << ", \"microseconds\": ["
         << numbers(measurements_[i].microseconds, ", ") << "]}";
  file << "\n  ]\n}\n" << std::flush;
  if (!file || std::rename(temporary.c_str(), out_.c_str()) != 0) refuse_file("cannot write " + out_);
  std::remove((out_ + ".part").c_str());
  if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%-80s\r", "");
}

}  // namespace microbench
