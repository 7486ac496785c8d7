// cuBLASLt over formats and shapes: C[m,n] = A[m,k] B[k,n] with B stored transposed, as linear layers keep their
// weights.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <cmath>
#include <string>
#include <vector>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

struct Format {
  const char* name;
  cudaDataType_t operand, result;
  cublasComputeType_t compute;
  int bytes, result_bytes, least_major;  ///< least_major: compute capability of the first chip that has it
  Content content;
};
const Format formats[]{
    {"bf16", CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 2, 2, 8, Content::bits16},
    {"fp16", CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F, 2, 2, 7, Content::bits16},
    {"fp8", CUDA_R_8F_E4M3, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 1, 2, 9, Content::bits8},
    {"tf32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 4, 4, 8, Content::floats},
    {"fp32", CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, 4, 4, 7, Content::floats},
    {"int8", CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, 1, 4, 8, Content::bits8},
};

struct Shape {
  int m, n, k, batch;
};

/// Squares, layers of common widths at the rows of decoding and of training, edges of tiles (128, 256) and of waves,
/// batches.
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
  for (const int batch : {8, 32, 128}) result.push_back({128, 2048, 2048, batch});
  return result;
}

/// A prepared product; the algorithm is the heuristic's first.
class Product {
 public:
  Product(cublasLtHandle_t handle, const Format& format, const Shape& shape, void* workspace, std::size_t bytes)
      : handle_(handle), workspace_(workspace), workspace_bytes_(bytes) {
    const cudaDataType_t scale = format.compute == CUBLAS_COMPUTE_32I ? CUDA_R_32I : CUDA_R_32F;
    const cublasOperation_t transposed = CUBLAS_OP_T;
    CHECK(cublasLtMatmulDescCreate(&operation_, format.compute, scale));
    CHECK(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed));
    // Column-major, as cuBLAS sees it: D[n,m] = W[k,n]^T X[k,m].
    layout(w_, format.operand, shape.k, shape.n, shape.batch);
    layout(x_, format.operand, shape.k, shape.m, shape.batch);
    layout(d_, format.result, shape.n, shape.m, shape.batch);
    cublasLtMatmulPreference_t preference{};
    CHECK(cublasLtMatmulPreferenceCreate(&preference));
    CHECK(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes,
                                               sizeof bytes));
    cublasLtMatmulHeuristicResult_t found{};
    int count = 0;
    const auto status =
        cublasLtMatmulAlgoGetHeuristic(handle, operation_, w_, x_, d_, d_, preference, 1, &found, &count);
    usable_ = status == CUBLAS_STATUS_SUCCESS && count > 0;
    algorithm_ = found.algo;
    cublasLtMatmulPreferenceDestroy(preference);
    integer_ = format.compute == CUBLAS_COMPUTE_32I;
  }
  ~Product() {
    cublasLtMatrixLayoutDestroy(w_);
    cublasLtMatrixLayoutDestroy(x_);
    cublasLtMatrixLayoutDestroy(d_);
    cublasLtMatmulDescDestroy(operation_);
  }
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  bool usable() const { return usable_; }
  void run(cudaStream_t stream, const void* w, const void* x, void* d) const {
    const float one = 1, zero = 0;
    const int one_i = 1, zero_i = 0;
    const void* alpha = integer_ ? static_cast<const void*>(&one_i) : &one;
    const void* beta = integer_ ? static_cast<const void*>(&zero_i) : &zero;
    CHECK(cublasLtMatmul(handle_, operation_, alpha, w, w_, x, x_, beta, d, d_, d, d_, &algorithm_, workspace_,
                         workspace_bytes_, stream));
  }

 private:
  static void layout(cublasLtMatrixLayout_t& result, cudaDataType_t type, int rows, int columns, int batch) {
    CHECK(cublasLtMatrixLayoutCreate(&result, type, std::uint64_t(rows), std::uint64_t(columns), rows));
    const std::int64_t stride = std::int64_t(rows) * columns;
    CHECK(cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch));
    CHECK(
        cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
  }

  cublasLtHandle_t handle_;
  void* workspace_;
  std::size_t workspace_bytes_;
  cublasLtMatmulDesc_t operation_{};
  cublasLtMatrixLayout_t w_{}, x_{}, d_{};
  cublasLtMatmulAlgo_t algorithm_{};
  bool usable_ = false, integer_ = false;
};

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
  const Product product(handle, format, s, workspace, workspace_bytes);
  if (!product.usable()) return;  // no kernel for this format and shape on this chip
  const auto elements = [&](int rows, int columns) {
    return std::size_t(rows) * std::size_t(columns) * std::size_t(s.batch);
  };
  const Rotating w(elements(s.k, s.n) * std::size_t(format.bytes), format.content, device);
  const Rotating x(elements(s.k, s.m) * std::size_t(format.bytes), format.content, device);
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
    if (major < format.least_major) continue;
    recorder.expect(int(all.size()));
    for (const Shape& shape : all) measure_shape(recorder, handle, format, shape, device, workspace, workspace_bytes);
  }
  CHECK(cudaFree(workspace));
  CHECK(cublasLtDestroy(handle));
}

}  // namespace microbench
