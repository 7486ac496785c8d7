// What is enqueued on a stream, captured once and replayed with a single launch.
#pragma once

#include <cuda_runtime.h>

#include "calibration/microbench/check.cuh"

namespace microbench {

class Graph {
 public:
  template <class Enqueue>
  Graph(cudaStream_t stream, const Enqueue& enqueue) : stream_(stream) {
    cudaGraph_t graph{};
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    enqueue();
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&program_, graph, 0));
    CHECK(cudaGraphDestroy(graph));
  }
  ~Graph() { cudaGraphExecDestroy(program_); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  void launch() const { CHECK(cudaGraphLaunch(program_, stream_)); }

 private:
  cudaStream_t stream_;
  cudaGraphExec_t program_{};
};

}  // namespace microbench
