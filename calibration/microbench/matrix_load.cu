#include "calibration/microbench/matrix_load.cuh"

namespace microbench {
namespace {

std::size_t bytes_of(int size) { return std::size_t(size) * std::size_t(size) * 2; }

}  // namespace

MatrixLoad::MatrixLoad(int size, int device)
    : a_(bytes_of(size), Content::bits16, device),
      b_(bytes_of(size), Content::bits16, device),
      c_(bytes_of(size), Content::bits16, device) {
  CHECK(cublasLtCreate(&handle_));
  CHECK(cublasLtMatmulDescCreate(&operation_, CUBLAS_COMPUTE_32F, CUDA_R_32F));
  CHECK(cublasLtMatrixLayoutCreate(&layout_, CUDA_R_16BF, std::uint64_t(size), std::uint64_t(size), size));
}

MatrixLoad::~MatrixLoad() {
  cublasLtMatrixLayoutDestroy(layout_);
  cublasLtMatmulDescDestroy(operation_);
  cublasLtDestroy(handle_);
}

void MatrixLoad::run(cudaStream_t stream, int turn) const {
  const float one = 1, zero = 0;
  CHECK(cublasLtMatmul(handle_, operation_, &one, a_.at<char>(turn), layout_, b_.at<char>(turn), layout_, &zero,
                       c_.at<char>(turn), layout_, c_.at<char>(turn), layout_, nullptr, nullptr, 0, stream));
}

}  // namespace microbench
