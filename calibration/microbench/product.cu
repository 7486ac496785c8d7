#include "calibration/microbench/product.cuh"

namespace microbench {
namespace {

void layout(cublasLtMatrixLayout_t& result, cudaDataType_t type, int rows, int columns, int batch) {
  CHECK(cublasLtMatrixLayoutCreate(&result, type, std::uint64_t(rows), std::uint64_t(columns), rows));
  const std::int64_t stride = std::int64_t(rows) * columns;
  CHECK(cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch));
  CHECK(cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
}

__global__ void fill_words(std::uint32_t* words, std::size_t count, std::uint32_t value) {
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += std::size_t(gridDim.x) * blockDim.x)
    words[i] = value;
}

/// The number 1 in the type of a kind of scales, four times where it is a byte.
std::uint32_t one_in(int kind) {
  if (kind == CUBLASLT_MATMUL_MATRIX_SCALE_VEC16_UE4M3) return 0x38383838U;
  if (kind == CUBLASLT_MATMUL_MATRIX_SCALE_VEC32_UE8M0) return 0x7f7f7f7fU;
  return 0x3f800000U;
}

}  // namespace

/// Scales of 1 for every group of a matrix: a byte per 16 elements is the most that any kind needs, its tiles of 128 rows
/// and 4 groups filled up.
void Product::scale(cublasLtMatmulDescAttributes_t mode, cublasLtMatmulDescAttributes_t pointer, int kind, int rows,
                    int k) {
  if (kind == 0) return;
  const std::size_t words = std::size_t(rows + 127) / 128 * 128 * std::size_t((k + 63) / 64) + 1024;
  void*& memory = scales_[scaled_++];
  CHECK(cudaMalloc(&memory, 4 * words));
  fill_words<<<256, 256>>>(static_cast<std::uint32_t*>(memory), words, one_in(kind));
  const std::int32_t value = kind;
  CHECK(cublasLtMatmulDescSetAttribute(operation_, mode, &value, sizeof value));
  CHECK(cublasLtMatmulDescSetAttribute(operation_, pointer, &memory, sizeof memory));
}

Product::Product(cublasLtHandle_t handle, const Format& format, const Shape& shape, void* workspace, std::size_t bytes)
    : handle_(handle), workspace_(workspace), workspace_bytes_(bytes) {
  integer_ = format.compute == CUBLAS_COMPUTE_32I;
  const cublasOperation_t transposed = CUBLAS_OP_T;
  CHECK(cublasLtMatmulDescCreate(&operation_, format.compute, integer_ ? CUDA_R_32I : CUDA_R_32F));
  CHECK(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed));
  scale(CUBLASLT_MATMUL_DESC_A_SCALE_MODE, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, format.weight_scale, shape.n, shape.k);
  scale(CUBLASLT_MATMUL_DESC_B_SCALE_MODE, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, format.input_scale, shape.m, shape.k);
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
  const auto status = cublasLtMatmulAlgoGetHeuristic(handle, operation_, w_, x_, d_, d_, preference, 1, &found, &count);
  usable_ = status == CUBLAS_STATUS_SUCCESS && count > 0;
  algorithm_ = found.algo;
  cublasLtMatmulPreferenceDestroy(preference);
}

Product::~Product() {
  cublasLtMatrixLayoutDestroy(w_);
  cublasLtMatrixLayoutDestroy(x_);
  cublasLtMatrixLayoutDestroy(d_);
  cublasLtMatmulDescDestroy(operation_);
  for (void* memory : scales_) cudaFree(memory);
}

void Product::run(cudaStream_t stream, const void* w, const void* x, void* d) const {
  const float one = 1, zero = 0;
  const int one_i = 1, zero_i = 0;
  const void* alpha = integer_ ? static_cast<const void*>(&one_i) : &one;
  const void* beta = integer_ ? static_cast<const void*>(&zero_i) : &zero;
  CHECK(cublasLtMatmul(handle_, operation_, alpha, w, w_, x, x_, beta, d, d_, d, d_, &algorithm_, workspace_,
                       workspace_bytes_, stream));
}

}  // namespace microbench
