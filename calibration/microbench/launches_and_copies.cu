// What the host pays: launching, graphs, waiting; and copies between host and device, and between devices that are
// peers.
#include <chrono>
#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/graph.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

__global__ void nothing() {}

double microseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

/// Twenty times the mean over `count` calls, by the host's clock.
template <class Call>
void by_host_clock(Recorder& recorder, const std::string& kernel, const std::string& shape, int count,
                   const Call& call) {
  recorder.expect(1);
  if (recorder.known(kernel, shape)) return;
  Measurement m{kernel, shape, {}};
  for (int i = 0; i < count; ++i) call();
  for (int repetition = 0; repetition < 20; ++repetition) {
    CHECK(cudaStreamSynchronize(recorder.stream()));
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) call();
    m.microseconds.push_back(microseconds_since(begin) / count);
  }
  recorder.record(m);
}

void launches(Recorder& recorder) {
  const cudaStream_t stream = recorder.stream();
  by_host_clock(recorder, "launch", "empty kernel, host time", 500, [&] { nothing<<<1, 1, 0, stream>>>(); });
  by_host_clock(recorder, "launch_and_wait", "empty kernel, host time", 100, [&] {
    nothing<<<1, 1, 0, stream>>>();
    CHECK(cudaStreamSynchronize(stream));
  });
  recorder.expect(1);
  recorder.measure({"launch",
                    "empty kernels back to back, device time",
                    [](cudaStream_t s, int) { nothing<<<1, 1, 0, s>>>(); },
                    {},
                    false});
}

void graphs(Recorder& recorder) {
  const cudaStream_t stream = recorder.stream();
  for (const int nodes : {1, 32, 512}) {
    const Graph graph(stream, [&] {
      for (int i = 0; i < nodes; ++i) nothing<<<1, 1, 0, stream>>>();
    });
    const std::string shape = "nodes=" + std::to_string(nodes);
    by_host_clock(recorder, "graph_launch", shape + ", host time", 50, [&] { graph.launch(); });
    recorder.expect(1);
    recorder.measure({"graph", shape + ", device time", [&](cudaStream_t, int) { graph.launch(); }, {}, false});
  }
}

void copy_both_ways(Recorder& recorder, const std::string& memory, void* host, char* device, std::size_t bytes) {
  for (const bool up : {true, false}) {
    recorder.expect(1);
    recorder.measure({up ? "host_to_device" : "device_to_host",
                      memory + " bytes=" + std::to_string(bytes),
                      [=](cudaStream_t s, int) {
                        CHECK(up ? cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, s)
                                 : cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, s));
                      },
                      {},
                      false});
  }
}

void host_copies(Recorder& recorder, int device) {
  constexpr std::size_t largest = std::size_t{256} << 20;
  const Rotating memory(largest, Content::bits16, device);
  std::vector<char> pageable(largest, 'x');
  void* pinned = nullptr;
  CHECK(cudaMallocHost(&pinned, largest));
  for (std::size_t bytes = 4096; bytes <= largest; bytes *= 16) {
    copy_both_ways(recorder, "pinned", pinned, memory.at<char>(0), bytes);
    copy_both_ways(recorder, "pageable", pageable.data(), memory.at<char>(0), bytes);
  }
  CHECK(cudaFreeHost(pinned));
}

void peer_copies(Recorder& recorder, int device) {
  int devices = 0;
  CHECK(cudaGetDeviceCount(&devices));
  constexpr std::size_t bytes = std::size_t{256} << 20;
  for (int peer = 0; peer < devices; ++peer) {
    int possible = 0;
    if (peer == device) continue;
    CHECK(cudaDeviceCanAccessPeer(&possible, device, peer));
    if (!possible) continue;
    CHECK(cudaSetDevice(peer));
    void* there = nullptr;
    CHECK(cudaMalloc(&there, bytes));
    CHECK(cudaSetDevice(device));
    const auto enabled = cudaDeviceEnablePeerAccess(peer, 0);
    if (enabled != cudaErrorPeerAccessAlreadyEnabled) CHECK(enabled);
    (void)cudaGetLastError();
    const Rotating here(bytes, Content::bits16, device);
    recorder.expect(1);
    recorder.measure(
        {"peer_copy",
         std::to_string(device) + " to " + std::to_string(peer) + " bytes=" + std::to_string(bytes),
         [&](cudaStream_t s, int t) { CHECK(cudaMemcpyPeerAsync(there, peer, here.at<char>(t), device, bytes, s)); },
         {},
         false});
    CHECK(cudaFree(there));
  }
}

}  // namespace

void launches_and_copies(Recorder& recorder, int device) {
  launches(recorder);
  graphs(recorder);
  host_copies(recorder, device);
  peer_copies(recorder, device);
}

}  // namespace microbench
