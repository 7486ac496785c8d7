// NCCL's collectives over all GPUs of the machine, one process: all of them start on their own streams, the time is that
// of the first. Built where nccl.h and the library are (see CMakeLists.txt); else the file says that they were not.
#include "calibration/microbench/suites.cuh"

#ifdef PLENUM_NCCL
#include <nccl.h>

#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"

namespace microbench {
namespace {

void check_nccl(ncclResult_t result, const char* call, int line) {
  if (result != ncclSuccess) give_up(std::string(call) + ": " + ncclGetErrorString(result), __FILE__, line);
}
#define CHECK_NCCL(call) check_nccl((call), #call, __LINE__)

/// A communicator, a stream and buffers on every GPU.
class Ranks {
 public:
  Ranks(int count, std::size_t bytes, int home) : home_(home), comms_(std::size_t(count)) {
    CHECK_NCCL(ncclCommInitAll(comms_.data(), count, nullptr));
    for (int rank = 0; rank < count; ++rank) {
      Rank r;
      CHECK(cudaSetDevice(rank));
      CHECK(cudaStreamCreateWithFlags(&r.stream, cudaStreamNonBlocking));
      CHECK(cudaMalloc(&r.from, bytes));
      CHECK(cudaMalloc(&r.to, bytes));
      fill<<<256, 256, 0, r.stream>>>(static_cast<std::uint32_t*>(r.from), bytes / 4, 12345U + unsigned(rank),
                                      Content::bits16);
      ranks_.push_back(r);
    }
    wait();
  }
  ~Ranks() {
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      cudaSetDevice(int(rank));
      cudaFree(ranks_[rank].from);
      cudaFree(ranks_[rank].to);
      cudaStreamDestroy(ranks_[rank].stream);
      ncclCommDestroy(comms_[rank]);
    }
    cudaSetDevice(home_);
  }
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int count() const { return int(ranks_.size()); }
  /// `call(rank, from, to, comm, stream)` for each rank in one group; the home GPU's on `stream`, which is timed.
  template <class Call>
  void run(cudaStream_t stream, const Call& call) {
    CHECK_NCCL(ncclGroupStart());
    for (int rank = 0; rank < count(); ++rank) {
      const Rank& r = ranks_[std::size_t(rank)];
      call(rank, r.from, r.to, comms_[std::size_t(rank)], rank == home_ ? stream : r.stream);
    }
    CHECK_NCCL(ncclGroupEnd());
  }
  void wait() {
    for (int rank = 0; rank < count(); ++rank) {
      CHECK(cudaSetDevice(rank));
      CHECK(cudaDeviceSynchronize());
    }
    CHECK(cudaSetDevice(home_));
  }

 private:
  struct Rank {
    cudaStream_t stream{};
    void *from = nullptr, *to = nullptr;
  };
  int home_;
  std::vector<ncclComm_t> comms_;
  std::vector<Rank> ranks_;
};

/// nccl-tests' meaning of bytes: all_reduce and reduce_scatter the input, all_gather the output, alltoall a rank's own.
void measure_size(Recorder& recorder, Ranks& ranks, std::size_t bytes) {
  const int n = ranks.count();
  const std::size_t count = bytes / 2, part = count / std::size_t(n);
  const std::string shape = "bfloat16 ranks=" + std::to_string(n) + " bytes=" + std::to_string(bytes);
  const auto measure = [&](const char* name, const auto& call) {
    recorder.expect(1);
    recorder.measure({name, shape, [&](cudaStream_t s, int) { ranks.run(s, call); }, {}, false});
    ranks.wait();
  };
  measure("all_reduce", [=](int, void* from, void* to, ncclComm_t comm, cudaStream_t s) {
    CHECK_NCCL(ncclAllReduce(from, to, count, ncclBfloat16, ncclSum, comm, s));
  });
  measure("all_gather", [=](int, void* from, void* to, ncclComm_t comm, cudaStream_t s) {
    CHECK_NCCL(ncclAllGather(from, to, part, ncclBfloat16, comm, s));
  });
  measure("reduce_scatter", [=](int, void* from, void* to, ncclComm_t comm, cudaStream_t s) {
    CHECK_NCCL(ncclReduceScatter(from, to, part, ncclBfloat16, ncclSum, comm, s));
  });
  measure("alltoall", [=](int, void* from, void* to, ncclComm_t comm, cudaStream_t s) {
    for (int peer = 0; peer < n; ++peer) {
      CHECK_NCCL(ncclSend(static_cast<char*>(from) + 2 * part * std::size_t(peer), part, ncclBfloat16, peer, comm, s));
      CHECK_NCCL(ncclRecv(static_cast<char*>(to) + 2 * part * std::size_t(peer), part, ncclBfloat16, peer, comm, s));
    }
  });
}

}  // namespace

void nccl_collectives(Recorder& recorder, int device) {
  int devices = 0, version = 0;
  CHECK(cudaGetDeviceCount(&devices));
  CHECK_NCCL(ncclGetVersion(&version));
  recorder.fact("NCCL", std::to_string(version));
  if (devices < 2) return recorder.fact("collectives", "not measured: one GPU is visible");
  const std::size_t largest = std::size_t{1} << (recorder.full() ? 32 : 28);
  Ranks ranks(devices, largest, device);
  for (std::size_t bytes = 4096; bytes <= largest; bytes *= recorder.full() ? 2 : 8)
    measure_size(recorder, ranks, bytes);
}

}  // namespace microbench

#else

namespace microbench {
void nccl_collectives(Recorder& recorder, int) { recorder.fact("collectives", "not measured: built without NCCL"); }
}  // namespace microbench

#endif
