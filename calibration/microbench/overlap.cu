// What products and copies take while copies, or a collective's kernel, run beside them. One GPU has no collective, so
// a stand-in holds as many multiprocessors as NCCL has channels, with as much of their shared memory, and moves data as
// a ring does: from memory to memory, as fast as its threads can.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/matrix_load.cuh"
#include "calibration/microbench/product.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

constexpr int collective_threads = 512, collective_shared = 96 << 10;  // NCCL's kernels on Hopper have about as much
constexpr unsigned long long longest = 30ULL * 1000 * 1000 * 1000;     // ns
constexpr std::size_t ring_bytes = std::size_t{64} << 20;

__device__ unsigned long long nanoseconds() {
  unsigned long long now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

/// Until `stop`, or half a minute when nobody says so any more; `moved` counts 16-byte words.
__global__ void ring(const uint4* from, uint4* to, std::size_t count, const volatile int* stop,
                     unsigned long long* moved) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  const unsigned long long started = nanoseconds();
  unsigned long long words = 0;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x;; i += 8 * stride) {
    uint4 kept[8];
    for (int j = 0; j < 8; ++j) kept[j] = from[(i + std::size_t(j) * stride) % count];
    for (int j = 0; j < 8; ++j) to[(i + std::size_t(j) * stride) % count] = kept[j];
    words += 8;
    if (words % 512 == 0 && __syncthreads_or(threadIdx.x == 0 && (*stop || nanoseconds() - started > longest))) break;
  }
  atomicAdd(moved, words);
}

/// Runs from its construction to its end; allocates nothing in between, which would wait for it.
class StandIn {
 public:
  explicit StandIn(int device) : from_(ring_bytes, Content::bits16, device), to_(ring_bytes, Content::bits16, device) {
    CHECK(cudaHostAlloc(&stop_, sizeof *stop_, cudaHostAllocMapped));
    CHECK(cudaMalloc(&moved_, sizeof *moved_));
    CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    CHECK(cudaFuncSetAttribute(ring, cudaFuncAttributeMaxDynamicSharedMemorySize, collective_shared));
  }
  ~StandIn() {
    cudaStreamDestroy(stream_);
    cudaFree(moved_);
    cudaFreeHost(const_cast<int*>(stop_));
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  void start(int multiprocessors) {
    *stop_ = 0;
    CHECK(cudaMemsetAsync(moved_, 0, sizeof *moved_, stream_));
    CHECK(cudaStreamSynchronize(stream_));
    ring<<<multiprocessors, collective_threads, collective_shared, stream_>>>(
        from_.at<uint4>(0), to_.at<uint4>(0), ring_bytes / sizeof(uint4), stop_, moved_);
    CHECK(cudaGetLastError());
    started_ = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // it holds its multiprocessors before work comes
  }

  /// Returns what it read per second, and as much was written, bytes/s.
  double stop() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    *stop_ = 1;
    CHECK(cudaStreamSynchronize(stream_));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    unsigned long long words = 0;
    CHECK(cudaMemcpy(&words, moved_, sizeof words, cudaMemcpyDefault));
    return double(words) * sizeof(uint4) / seconds;
  }

 private:
  Rotating from_, to_;
  volatile int* stop_ = nullptr;
  unsigned long long* moved_ = nullptr;
  cudaStream_t stream_{};
  std::chrono::steady_clock::time_point started_;
};

/// Alone, then beside stand-ins of 2 to 32 multiprocessors.
template <class Run>
void beside_stand_ins(Recorder& recorder, StandIn& stand_in, const std::string& what, const Run& run) {
  recorder.expect(7);
  run(recorder.stream(), 0);  // a kernel's first launch loads it, which may wait for everything that runs
  CHECK(cudaStreamSynchronize(recorder.stream()));
  for (const int multiprocessors : {0, 2, 4, 8, 16, 24, 32}) {
    const std::string shape = what + " beside=" + std::to_string(multiprocessors);
    const bool known = recorder.known("overlap", shape);
    if (multiprocessors > 0 && !known) stand_in.start(multiprocessors);
    recorder.measure({"overlap", shape, run, {}, false});
    if (multiprocessors > 0 && !known)
      recorder.fact(shape + " multiprocessors that copied", std::to_string(1e-9 * stand_in.stop()) + " GB/s");
  }
}

void products_beside_stand_ins(Recorder& recorder, StandIn& stand_in, int device) {
  constexpr std::size_t workspace_bytes = 64 << 20;
  void* workspace = nullptr;
  CHECK(cudaMalloc(&workspace, workspace_bytes));
  cublasLtHandle_t handle{};
  CHECK(cublasLtCreate(&handle));
  const Format formats[] = {{"bf16", CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 16, 2, 8, 99, Content::bits16},
                            {"fp8", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 8, 2, 9, 99, Content::bits8}};
  int major = 0;
  CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  for (const Format& format : formats)
    for (const Shape& s : {Shape{8192, 8192, 8192, 1}, Shape{4096, 28672, 8192, 1}, Shape{4096, 8192, 28672, 1},
                           Shape{4096, 6144, 4096, 1}, Shape{2048, 2048, 4096, 1}}) {
      if (major < format.least_major || !recorder.wants(format.name)) continue;
      const Product product(handle, format, s, workspace, workspace_bytes);
      if (!product.usable()) continue;
      const auto bytes = [&](int rows, int columns) {
        return std::size_t(rows) * std::size_t(columns) * format.bits / 8;
      };
      const Rotating w(bytes(s.k, s.n), format.content, device), x(bytes(s.k, s.m), format.content, device),
          d(bytes(s.n, s.m) * std::size_t(format.result_bytes * 8 / format.bits), format.content, device);
      beside_stand_ins(recorder, stand_in,
                       std::string(format.name) + " m=" + std::to_string(s.m) + " n=" + std::to_string(s.n) +
                           " k=" + std::to_string(s.k),
                       [&](cudaStream_t stream, int turn) {
                         product.run(stream, w.at<char>(turn), x.at<char>(turn), d.at<char>(turn));
                       });
    }
  CHECK(cublasLtDestroy(handle));
  CHECK(cudaFree(workspace));
}

void products_beside_copies(Recorder& recorder, int device) {
  constexpr std::size_t bytes = std::size_t{64} << 20;
  const MatrixLoad load(8192, device);
  const Rotating from(bytes, Content::bits16, device), to(bytes, Content::bits16, device);
  void* host = nullptr;
  CHECK(cudaMallocHost(&host, bytes));
  cudaStream_t beside{};
  CHECK(cudaStreamCreateWithFlags(&beside, cudaStreamNonBlocking));
  recorder.expect(3);
  const auto measure = [&](const std::string& shape, const void* source) {
    recorder.measure({"overlap",
                      "matrix product 8192 " + shape,
                      [&](cudaStream_t stream, int turn) {
                        if (source != nullptr)
                          CHECK(cudaMemcpyAsync(to.at<char>(turn), source, bytes, cudaMemcpyDefault, beside));
                        load.run(stream, turn);
                      },
                      {},
                      false});
  };
  measure("alone", nullptr);
  measure("beside device copies", from.at<char>(0));
  measure("beside host copies", host);
  CHECK(cudaStreamSynchronize(beside));
  CHECK(cudaStreamDestroy(beside));
  CHECK(cudaFreeHost(host));
}

}  // namespace

void overlap(Recorder& recorder, int device) {
  products_beside_copies(recorder, device);
  StandIn stand_in(device);
  products_beside_stand_ins(recorder, stand_in, device);
  constexpr std::size_t bytes = std::size_t{1} << 30;
  const Rotating from(bytes, Content::bits16, device), to(bytes, Content::bits16, device);
  beside_stand_ins(recorder, stand_in, "copy bytes=" + std::to_string(bytes), [&](cudaStream_t stream, int turn) {
    CHECK(cudaMemcpyAsync(to.at<char>(turn), from.at<char>(turn), bytes, cudaMemcpyDeviceToDevice, stream));
  });
}

}  // namespace microbench
