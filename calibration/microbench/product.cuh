// One product of cuBLASLt: C[m,n] = A[m,k] B[k,n] with B stored transposed, as linear layers keep their weights.
#pragma once

#include "calibration/microbench/buffers.cuh"

namespace microbench {

struct Format {
  const char* name;
  cudaDataType_t operand, result;
  cublasComputeType_t compute;
  int bits, result_bytes;
  int least_major, most_major;  ///< compute capability of the first chip that has it, and of the last
  Content content;
  int weight_scale = 0, input_scale = 0;  ///< cublasLtMatmulMatrixScale_t; 0: none or one for the whole matrix
};

struct Shape {
  int m, n, k, batch;
};

/// A prepared product; the algorithm is the heuristic's first.
class Product {
 public:
  Product(cublasLtHandle_t, const Format&, const Shape&, void* workspace, std::size_t workspace_bytes);
  ~Product();
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  bool usable() const { return usable_; }  ///< false: no kernel for this format and shape on this chip
  void run(cudaStream_t, const void* w, const void* x, void* d) const;

 private:
  void scale(cublasLtMatmulDescAttributes_t mode, cublasLtMatmulDescAttributes_t pointer, int kind, int rows, int k);

  cublasLtHandle_t handle_;
  void* workspace_;
  std::size_t workspace_bytes_;
  cublasLtMatmulDesc_t operation_{};
  cublasLtMatrixLayout_t w_{}, x_{}, d_{};
  cublasLtMatmulAlgo_t algorithm_{};
  void* scales_[2] = {};
  int scaled_ = 0;
  bool usable_ = false, integer_ = false;
};

}  // namespace microbench
