// Causal attention forward and backward with tensor cores (WMMA), written for this benchmark: a reference that runs on
// every chip from Ampere on. It keeps no score matrix in memory, as FlashAttention does, but it is not tuned, so fits don't
// use its times (they are a yardstick for drift): pytorch_kernels.py times the kernels that PyTorch chooses.
#include <cuda_bf16.h>
#include <mma.h>

#include <string>

#include "calibration/microbench/buffers.cuh"
#include "calibration/microbench/suites.cuh"

namespace microbench {
namespace {

using bf16 = __nv_bfloat16;
namespace wmma = nvcuda::wmma;
constexpr int dim = 128, rows = 32, keys = 32, threads = 128;  // a block's tile; four warps
constexpr int warps = threads / 32, sub = 16;                  // WMMA's tile

struct Problem {
  int batch, heads, kv_heads, length;
};

/// C[m, n] (+)= A B in shared memory, m = n-th tiles shared out among the warps. `ta`: A is stored as [k, m]; `tb`: B is
/// stored as [n, k].
template <bool ta, bool tb>
__device__ void multiply(const bf16* a, int lda, const bf16* b, int ldb, float* c, int ldc, int m, int n, int k,
                         bool add) {
  using LayoutA = std::conditional_t<ta, wmma::col_major, wmma::row_major>;
  using LayoutB = std::conditional_t<tb, wmma::col_major, wmma::row_major>;
  const int across = n / sub, warp = int(threadIdx.x) / 32;
  for (int tile = warp; tile < m / sub * across; tile += warps) {
    const int i = tile / across * sub, j = tile % across * sub;
    wmma::fragment<wmma::accumulator, sub, sub, sub, float> sum;
    if (add)
      wmma::load_matrix_sync(sum, c + i * ldc + j, unsigned(ldc), wmma::mem_row_major);
    else
      wmma::fill_fragment(sum, 0.0F);
    for (int l = 0; l < k; l += sub) {
      wmma::fragment<wmma::matrix_a, sub, sub, sub, bf16, LayoutA> left;
      wmma::fragment<wmma::matrix_b, sub, sub, sub, bf16, LayoutB> right;
      wmma::load_matrix_sync(left, ta ? a + l * lda + i : a + i * lda + l, unsigned(lda));
      wmma::load_matrix_sync(right, tb ? b + j * ldb + l : b + l * ldb + j, unsigned(ldb));
      wmma::mma_sync(sum, left, right, sum);
    }
    wmma::store_matrix_sync(c + i * ldc + j, sum, unsigned(ldc), wmma::mem_row_major);
  }
}

/// `count` rows of `dim` numbers into shared memory.
__device__ void load(bf16* to, const bf16* from, int count) {
  const auto* source = reinterpret_cast<const uint4*>(from);
  for (int i = int(threadIdx.x); i < count * dim / 8; i += threads) reinterpret_cast<uint4*>(to)[i] = source[i];
}

__device__ float scale() { return rsqrtf(float(dim)); }
__device__ bool hidden(int query, int key) { return key > query; }

struct Forward {
  bf16 q[rows * dim], k[keys * dim], v[keys * dim], p[rows * keys];
  float s[rows * keys], o[rows * dim], largest[rows], sum[rows], shrink[rows];
};

/// A block per (query tile, head, sequence); layout [sequence, head, token, dim]. `statistics`: log of the sum of
/// exponentials per row, for the backward pass.
__global__ void forward(const bf16* q, const bf16* k, const bf16* v, bf16* out, float* statistics, Problem problem) {
  extern __shared__ __align__(32) char memory[];
  auto& t = *reinterpret_cast<Forward*>(memory);
  const int tile = int(blockIdx.x), head = int(blockIdx.y), sequence = int(blockIdx.z), me = int(threadIdx.x);
  const std::size_t at = (std::size_t(sequence) * problem.heads + head) * problem.length + tile * rows;
  const std::size_t kv =
      (std::size_t(sequence) * problem.kv_heads + head / (problem.heads / problem.kv_heads)) * problem.length;
  load(t.q, q + at * dim, rows);
  for (int i = me; i < rows * dim; i += threads) t.o[i] = 0;
  if (me < rows) t.largest[me] = -1e30F, t.sum[me] = 0;
  for (int first = 0; first < (tile + 1) * rows; first += keys) {
    __syncthreads();
    load(t.k, k + (kv + first) * dim, keys);
    load(t.v, v + (kv + first) * dim, keys);
    __syncthreads();
    multiply<false, true>(t.q, dim, t.k, dim, t.s, keys, rows, keys, dim, false);
    __syncthreads();
    if (me < rows) {
      float largest = t.largest[me], sum = 0;
      for (int j = 0; j < keys; ++j)
        if (!hidden(tile * rows + me, first + j)) largest = fmaxf(largest, t.s[me * keys + j] * scale());
      for (int j = 0; j < keys; ++j) {
        const float weight =
            hidden(tile * rows + me, first + j) ? 0 : __expf(t.s[me * keys + j] * scale() - largest);
        t.p[me * keys + j] = __float2bfloat16(weight);
        sum += weight;
      }
      t.shrink[me] = __expf(t.largest[me] - largest);
      t.sum[me] = t.sum[me] * t.shrink[me] + sum;
      t.largest[me] = largest;
    }
    __syncthreads();
    for (int i = me; i < rows * dim; i += threads) t.o[i] *= t.shrink[i / dim];
    __syncthreads();
    multiply<false, false>(t.p, keys, t.v, dim, t.o, dim, rows, dim, keys, true);
  }
  __syncthreads();
  for (int i = me; i < rows * dim; i += threads) out[at * dim + i] = __float2bfloat16(t.o[i] / t.sum[i / dim]);
  if (me < rows) statistics[at + me] = t.largest[me] + __logf(t.sum[me]);
}

/// Sum over a row of out x gradient, which every score's gradient takes off.
__global__ void row_sums(const bf16* out, const bf16* gradient, float* sums) {
  const std::size_t row = blockIdx.x;
  float sum = 0;
  for (int i = int(threadIdx.x); i < dim; i += 32)
    sum += __bfloat162float(out[row * dim + i]) * __bfloat162float(gradient[row * dim + i]);
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffU, sum, step);
  if (threadIdx.x == 0) sums[row] = sum;
}

struct Backward {
  bf16 q[rows * dim], k[keys * dim], v[keys * dim], go[rows * dim], p[rows * keys], gs[rows * keys];
  float s[rows * keys], gp[rows * keys], gk[keys * dim], gv[keys * dim];
};

/// A block per (key tile, head, sequence) walks the queries that see it. The queries' gradients are added up in `gq`
/// (fp32, zero before); one KV head per head, so the others are written once.
__global__ void backward(const bf16* q, const bf16* k, const bf16* v, const bf16* go, const float* statistics,
                         const float* sums, float* gq, bf16* gk, bf16* gv, Problem problem) {
  extern __shared__ __align__(32) char memory[];
  auto& t = *reinterpret_cast<Backward*>(memory);
  const int tile = int(blockIdx.x), me = int(threadIdx.x);
  const std::size_t base = (std::size_t(blockIdx.z) * problem.heads + blockIdx.y) * problem.length;
  const std::size_t kv = (std::size_t(blockIdx.z) * problem.kv_heads +
                          blockIdx.y / unsigned(problem.heads / problem.kv_heads)) * problem.length + tile * keys;
  load(t.k, k + kv * dim, keys);
  load(t.v, v + kv * dim, keys);
  for (int i = me; i < keys * dim; i += threads) t.gk[i] = t.gv[i] = 0;
  for (int first = tile * keys; first < problem.length; first += rows) {
    __syncthreads();
    load(t.q, q + (base + first) * dim, rows);
    load(t.go, go + (base + first) * dim, rows);
    __syncthreads();
    multiply<false, true>(t.q, dim, t.k, dim, t.s, keys, rows, keys, dim, false);
    multiply<false, true>(t.go, dim, t.v, dim, t.gp, keys, rows, keys, dim, false);
    __syncthreads();
    for (int i = me; i < rows * keys; i += threads) {
      const int query = first + i / keys;
      const float weight = hidden(query, tile * keys + i % keys)
                               ? 0
                               : __expf(t.s[i] * scale() - statistics[base + query]);
      t.p[i] = __float2bfloat16(weight);
      t.gs[i] = __float2bfloat16(weight * (t.gp[i] - sums[base + query]) * scale());
    }
    __syncthreads();
    multiply<true, false>(t.p, keys, t.go, dim, t.gv, dim, keys, dim, rows, true);
    multiply<true, false>(t.gs, keys, t.q, dim, t.gk, dim, keys, dim, rows, true);
    __syncthreads();
    // The scores' memory is free: 32 x 128 gradients of the queries in four pieces of 32 x 32.
    for (int piece = 0; piece < dim; piece += keys) {
      multiply<false, false>(t.gs, keys, t.k + piece, dim, t.s, keys, rows, keys, keys, false);
      __syncthreads();
      for (int i = me; i < rows * keys; i += threads)
        atomicAdd(gq + (base + first + i / keys) * dim + piece + i % keys, t.s[i]);
      __syncthreads();
    }
  }
  __syncthreads();
  const std::size_t own = (base + tile * keys) * dim;
  for (int i = me; i < keys * dim; i += threads) {
    gk[own + i] = __float2bfloat16(t.gk[i]);
    gv[own + i] = __float2bfloat16(t.gv[i]);
  }
}

/// Sixteen results of the first head again, by one thread each; the worst deviation relative to the sum of magnitudes.
__global__ void spot_check(const bf16* q, const bf16* k, const bf16* v, const bf16* go, const bf16* out,
                           const float* gq, const float* sums, int length, double* worst) {
  const int query = int((threadIdx.x * 40503U) % unsigned(length)), column = int((threadIdx.x * 37U) % unsigned(dim));
  double sum = 0, value = 0, size = 1e-300, gradient = 0, gradient_size = 1e-300;
  const auto score = [&](int key) {
    double s = 0;
    for (int i = 0; i < dim; ++i)
      s += double(__bfloat162float(q[query * dim + i])) * double(__bfloat162float(k[key * dim + i]));
    return exp(s / sqrt(double(dim)));
  };
  for (int key = 0; key <= query; ++key) sum += score(key);
  for (int key = 0; key <= query; ++key) {
    const double weight = score(key) / sum, x = double(__bfloat162float(v[key * dim + column]));
    value += weight * x;
    size += weight * fabs(x);
    double gp = 0;
    for (int i = 0; i < dim; ++i)
      gp += double(__bfloat162float(go[query * dim + i])) * double(__bfloat162float(v[key * dim + i]));
    const double scaled = weight * double(__bfloat162float(k[key * dim + column])) / sqrt(double(dim));
    gradient += scaled * (gp - double(sums[query]));
    gradient_size += fabs(scaled) * (fabs(gp) + fabs(double(sums[query])));  // the first query's terms cancel out
  }
  worst[2 * threadIdx.x] = fabs(value - double(__bfloat162float(out[query * dim + column]))) / size;
  worst[2 * threadIdx.x + 1] = fabs(gradient - double(gq[query * dim + column])) / gradient_size;
}

/// Everything one problem needs.
struct Tensors {
  Tensors(const Problem& p, int device)
      : tokens(std::size_t(p.batch) * p.heads * p.length),
        kv_tokens(std::size_t(p.batch) * p.kv_heads * p.length),
        q(tokens * dim * 2, Content::bits16, device), k(kv_tokens * dim * 2, Content::bits16, device),
        v(kv_tokens * dim * 2, Content::bits16, device), go(tokens * dim * 2, Content::bits16, device),
        out(tokens * dim * 2, Content::bits16, device), gk(tokens * dim * 2, Content::bits16, device),
        gv(tokens * dim * 2, Content::bits16, device), gq(tokens * dim * 4, Content::floats, device),
        statistics(tokens * 4, Content::floats, device), sums(tokens * 4, Content::floats, device) {}
  std::size_t tokens, kv_tokens;
  Rotating q, k, v, go, out, gk, gv, gq, statistics, sums;
};

void run_forward(const Problem& p, const Tensors& t, cudaStream_t stream, int turn) {
  const dim3 grid(unsigned(p.length / rows), unsigned(p.heads), unsigned(p.batch));
  forward<<<grid, threads, sizeof(Forward), stream>>>(t.q.at<bf16>(turn), t.k.at<bf16>(turn), t.v.at<bf16>(turn),
                                                      t.out.at<bf16>(turn), t.statistics.at<float>(turn), p);
}

void run_backward(const Problem& p, const Tensors& t, cudaStream_t stream, int turn) {
  const dim3 grid(unsigned(p.length / keys), unsigned(p.heads), unsigned(p.batch));
  CHECK(cudaMemsetAsync(t.gq.at<float>(turn), 0, t.tokens * dim * 4, stream));
  row_sums<<<unsigned(t.tokens), 32, 0, stream>>>(t.out.at<bf16>(turn), t.go.at<bf16>(turn), t.sums.at<float>(turn));
  backward<<<grid, threads, sizeof(Backward), stream>>>(
      t.q.at<bf16>(turn), t.k.at<bf16>(turn), t.v.at<bf16>(turn), t.go.at<bf16>(turn), t.statistics.at<float>(turn),
      t.sums.at<float>(turn), t.gq.at<float>(turn), t.gk.at<bf16>(turn), t.gv.at<bf16>(turn), p);
}

std::string wrong_attention(const Problem& p, const Tensors& t, cudaStream_t stream) {
  constexpr int spots = 16;
  double* worst = nullptr;
  CHECK(cudaMallocManaged(&worst, 2 * spots * sizeof(double)));
  run_forward(p, t, stream, 0);
  run_backward(p, t, stream, 0);
  spot_check<<<1, spots, 0, stream>>>(t.q.at<bf16>(0), t.k.at<bf16>(0), t.v.at<bf16>(0), t.go.at<bf16>(0),
                                      t.out.at<bf16>(0), t.gq.at<float>(0), t.sums.at<float>(0), p.length, worst);
  CHECK(cudaStreamSynchronize(stream));
  double values = 0, gradients = 0;
  for (int i = 0; i < spots; ++i) values = fmax(values, worst[2 * i]), gradients = fmax(gradients, worst[2 * i + 1]);
  CHECK(cudaFree(worst));
  if (values < 0.02 && gradients < 0.02) return "";
  return "off by " + std::to_string(values) + " (values), " + std::to_string(gradients) +
         " (gradients) of the sums of magnitudes";
}

void measure_problem(Recorder& recorder, const Problem& p, int device) {
  const std::string shape = "bf16 batch=" + std::to_string(p.batch) + " heads=" + std::to_string(p.heads) +
                            " kv_heads=" + std::to_string(p.kv_heads) + " length=" + std::to_string(p.length) +
                            " head_dim=128";
  const Tensors tensors(p, device);
  const cudaStream_t stream = recorder.stream();
  recorder.measure({"attention_reference", shape,
                    [&](cudaStream_t s, int turn) { run_forward(p, tensors, s, turn); },
                    [&] { return wrong_attention(p, tensors, stream); }});
  recorder.measure({"attention_reference_backward", shape,
                    [&](cudaStream_t s, int turn) { run_backward(p, tensors, s, turn); },
                    [&] { return wrong_attention(p, tensors, stream); }});
}

}  // namespace

void attention_reference(Recorder& recorder, int device) {
  CHECK(cudaFuncSetAttribute(forward, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Forward)));
  CHECK(cudaFuncSetAttribute(backward, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(Backward)));
  for (const int length : {512, 2048, 8192})
    for (const int kv_heads : {8, 32}) {
      if (!recorder.full() && (length == 8192 || kv_heads == 8)) continue;
      recorder.expect(2);
      measure_problem(recorder, {4, 32, kv_heads, length}, device);
    }
}

}  // namespace microbench
