// cuBLASLt over formats and shapes.
#include <cuda_bf16.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "calibration/microbench/product.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

const Format formats[]{
    {"bf16", CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 16, 2, 8, 99, Content::bits16},
    {"fp16", CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F, 16, 2, 7, 99, Content::bits16},
    {"fp8", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 8, 2, 9, 99, Content::bits8},
    {"fp8_block", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 8, 2, 9, 9, Content::bits8,
     CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F, CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F},
    {"mxfp8", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 8, 2, 10, 99, Content::bits8,
     CUBLASLT_MATMUL_MATRIX_SCALE_VEC32_UE8M0, CUBLASLT_MATMUL_MATRIX_SCALE_VEC32_UE8M0},
    {"nvfp4", CUDA_R_4F_E2M1, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 4, 2, 10, 99, Content::bits8,
     CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3, CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3},
    {"tf32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 32, 4, 8, 99, Content::floats},
    {"fp32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, 32, 4, 7, 99, Content::floats},
    {"int8", CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, 8, 4, 8, 99, Content::bits8},
};

/// Sizes between 2^from and 2^to, spread evenly over the powers of two by the golden ratio's multiples; multiples
/// of 64.
int spread(int i, double ratio, double from, double to) {
  const double at = i * ratio - std::floor(i * ratio);
  return std::max(1, int(std::exp2(from + at * (to - from))) / 64) * 64;
}

/// Squares, layers of common widths at the rows of decoding and of training, edges of tiles (128, 256) and of waves,
/// shapes spread over all sizes (for surfaces), strided batches.
std::vector<Shape> shapes(bool full) {
  std::vector<Shape> result;
  const std::vector<int> rows = full ? std::vector<int>{1,   4,   16,  33,   64,   127,  128,  129,  255,  256,
                                                        257, 384, 512, 1000, 1024, 2048, 4096, 8192, 16384}
                                     : std::vector<int>{1, 16, 64, 128, 129, 256, 1024, 4096, 8192};
  const std::vector<std::pair<int, int>> layers =
      full ? std::vector<std::pair<int, int>>{{4096, 4096}, {6144, 4096},  {28672, 4096}, {4096, 14336},
                                              {8192, 8192}, {57344, 8192}, {8192, 28672}, {128256, 4096}}
           : std::vector<std::pair<int, int>>{{4096, 4096}, {28672, 4096}, {4096, 14336}, {8192, 8192}};
  for (const auto& [n, k] : layers)
    for (const int m : rows) result.push_back({m, n, k, 1});
  for (const int size : {512, 1024, 2048, 4096, 8192}) result.push_back({size, size, size, 1});
  for (int i = 1; i <= (full ? 160 : 32); ++i) {  // ratios: powers of 1.3247, the plastic number (R3 sequence)
    const int m = i % 3 == 0 ? 1 << i % 7 : spread(i, 0.8191725, 6, 14);
    result.push_back({m, spread(i, 0.6710436, 8, 15.5), spread(i, 0.5497005, 8, 15.5), 1});
  }
  for (const int batch : {8, 32, 128})
    for (const int m : {1, 128, 1024}) result.push_back({m, 128, m == 1 ? 4096 : 1024, batch});
  for (const int batch : {8, 32, 128}) result.push_back({128, 2048, 2048, batch});
  return result;
}

/// Sixteen results again, each as a plain sum in double; what differs by more than bf16's rounding of the largest one
/// is wrong.
__global__ void spot_check(const __nv_bfloat16* w, const __nv_bfloat16* x, const __nv_bfloat16* d, int m, int n, int k,
                           double* worst) {
  const int column = int((threadIdx.x * 2654435761U) % unsigned(n)), row = int((threadIdx.x * 40503U) % unsigned(m));
  double sum = 0, size = 0;
  for (int i = 0; i < k; ++i) {
    const double term = double(__bfloat162float(w[std::size_t(column) * k + i])) *
                        double(__bfloat162float(x[std::size_t(row) * k + i]));
    sum += term;
    size += fabs(term);
  }
  worst[threadIdx.x] = fabs(sum - double(__bfloat162float(d[std::size_t(row) * n + column]))) / size;
}

std::string wrong_product(const void* w, const void* x, const void* d, const Shape& s) {
  constexpr int spots = 16;
  double* worst = nullptr;
  CHECK(cudaMallocManaged(&worst, spots * sizeof(double)));
  spot_check<<<1, spots>>>(static_cast<const __nv_bfloat16*>(w), static_cast<const __nv_bfloat16*>(x),
                           static_cast<const __nv_bfloat16*>(d), s.m, s.n, s.k, worst);
  CHECK(cudaDeviceSynchronize());
  double largest = 0;
  for (int i = 0; i < spots; ++i) largest = std::max(largest, worst[i]);
  CHECK(cudaFree(worst));
  return largest < 0.01 ? "" : "off by " + std::to_string(largest) + " of the sum of magnitudes";
}

void measure_shape(Recorder& recorder, cublasLtHandle_t handle, const Format& format, const Shape& s, int device,
                   void* workspace, std::size_t workspace_bytes) {
  const std::string shape = std::string(format.name) + " m=" + std::to_string(s.m) + " n=" + std::to_string(s.n) +
                            " k=" + std::to_string(s.k) + (s.batch > 1 ? " batch=" + std::to_string(s.batch) : "");
  if (recorder.known("matrix_product", shape)) return recorder.measure({"matrix_product", shape, {}, {}});
  if (format.weight_scale != 0 && s.batch > 1) return;
  const Product product(handle, format, s, workspace, workspace_bytes);
  if (!product.usable()) return;  // no kernel for this format and shape on this chip
  const auto elements = [&](int rows, int columns) {
    return std::size_t(rows) * std::size_t(columns) * std::size_t(s.batch);
  };
  const Rotating w(elements(s.k, s.n) * std::size_t(format.bits) / 8, format.content, device);
  const Rotating x(elements(s.k, s.m) * std::size_t(format.bits) / 8, format.content, device);
  const Rotating d(elements(s.n, s.m) * std::size_t(format.result_bytes), format.content, device);
  Work work{
      "matrix_product",
      shape,
      [&](cudaStream_t stream, int turn) { product.run(stream, w.at<char>(turn), x.at<char>(turn), d.at<char>(turn)); },
      {}};
  if (format.operand == CUDA_R_16BF)
    work.wrong = [&] { return wrong_product(w.at<char>(0), x.at<char>(0), d.at<char>(0), s); };
  recorder.measure(work);
}

}  // namespace

bool is_format(const std::string& name) {
  return std::any_of(std::begin(formats), std::end(formats), [&name](const Format& f) { return name == f.name; });
}

void matrix_products(Recorder& recorder, int device) {
  int major = 0;
  CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  cublasLtHandle_t handle{};
  CHECK(cublasLtCreate(&handle));
  constexpr std::size_t workspace_bytes = 64 << 20;
  void* workspace = nullptr;
  CHECK(cudaMalloc(&workspace, workspace_bytes));
  const auto all = shapes(recorder.full());
  for (const Format& format : formats) {
    if (major < format.least_major || major > format.most_major || !recorder.wants(format.name)) continue;
    recorder.expect(int(all.size()));
    for (const Shape& shape : all) measure_shape(recorder, handle, format, shape, device, workspace, workspace_bytes);
  }
  CHECK(cudaFree(workspace));
  CHECK(cublasLtDestroy(handle));
}

}  // namespace microbench
