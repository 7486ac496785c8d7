// A square bf16 product as a load for other measurements.
#pragma once

#include "calibration/microbench/buffers.cuh"

namespace microbench {

class MatrixLoad {
 public:
  MatrixLoad(int size, int device);
  ~MatrixLoad();
  MatrixLoad(const MatrixLoad&) = delete;
  MatrixLoad& operator=(const MatrixLoad&) = delete;
  void run(cudaStream_t, int turn) const;

 private:
  Rotating a_, b_, c_;
  cublasLtHandle_t handle_{};
  cublasLtMatmulDesc_t operation_{};
  cublasLtMatrixLayout_t layout_{};
};

}  // namespace microbench
