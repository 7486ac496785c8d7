// plenum_microbench OUT.json quick|full DEVICE: run by `plenum calibrate measure`.
#include <cstdlib>
#include <cstring>
#include <string>

#include "calibration/microbench/check.cuh"
#include "calibration/microbench/suites.cuh"

int main(int argc, char** argv) {
  if (argc != 4 || (std::strcmp(argv[2], "quick") != 0 && std::strcmp(argv[2], "full") != 0)) {
    std::fprintf(stderr, "usage: plenum_microbench OUT.json quick|full DEVICE\n");
    return 2;
  }
  const int device = std::atoi(argv[3]);
  int driver = 0, runtime = 0;
  CHECK(cudaDriverGetVersion(&driver));
  CHECK(cudaRuntimeGetVersion(&runtime));
  microbench::Recorder recorder(argv[1], std::strcmp(argv[2], "full") == 0, device);
  recorder.fact("CUDA driver", std::to_string(driver));
  recorder.fact("CUDA runtime", std::to_string(runtime));
  microbench::power_and_clocks(recorder, device);
  microbench::launches_and_copies(recorder, device);
  microbench::memory_kernels(recorder, device);
  microbench::paged_decode(recorder, device);
  microbench::expert_permutation(recorder, device);
  microbench::attention_reference(recorder, device);
  microbench::matrix_products(recorder, device);
  microbench::grouped_products(recorder, device);
  microbench::nccl_collectives(recorder, device);
  microbench::overlap(recorder, device);
  recorder.finish("plenum_microbench, CUDA " + std::to_string(runtime / 1000) + "." +
                  std::to_string(runtime % 1000 / 10));
  return recorder.all_right() ? 0 : 1;
}
