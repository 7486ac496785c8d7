#!/usr/bin/env python3
"""cuDNN's attention as PyTorch does not call it, by way of JAX: decoding from a paged cache, and causal prompts in FP8.

    python3 calibration/microbench/cudnn_attention.py --gpu H200-SXM --out calibration/measurements/H200-SXM/2026-01-31-cudnn.json

A chain of calls, each query the result before it, compiled into one program that the device replays (command buffers), so
that little of the host's time is in it: some percent of the shortest kernels'. Needs JAX with CUDA and cuDNN 9.5 or newer.
"""
import functools
import os
import sys
import time

os.environ.setdefault("XLA_FLAGS", "--xla_gpu_enable_command_buffer=FUSION,CUBLAS,CUBLASLT,CUDNN,CUSTOM_CALL "
                                   "--xla_gpu_graph_min_graph_size=1")
import jax
import jax.numpy as jnp
import numpy as np
from jax._src.cudnn import fused_attention_stablehlo as cudnn

import measurement_file

REPETITIONS = 20
LASTING = 5e-3  # s: what one timing takes about, the host's call included
UNROLLED = 16
SETTLING = 0.15  # s
CACHE = 256 << 20  # bytes, several times the card's L2
PAGE = 16  # tokens, as vLLM's
FP8 = jnp.float8_e4m3fn


def decodes():
    """(sequences, heads, KV heads, cached tokens, head dimension) of one new token per sequence."""
    for heads, kv_heads in ((8, 8), (32, 8), (64, 8), (8, 1)):
        for batch in (1, 4, 16, 64, 256):
            for cached in (512, 2048, 8192, 32768):
                if 4 * batch * kv_heads * cached * 128 <= 4 << 30:
                    yield batch, heads, kv_heads, cached, 128


def prompts():
    """(batch, heads, KV heads, length, head dimension)"""
    for length in (512, 1024, 2048, 4096, 8192, 16384):
        for heads, kv_heads in ((32, 8), (32, 32), (8, 1)):
            for batch in (1, 4, 16):
                if batch * heads * length <= 1 << 20:
                    yield batch, heads, kv_heads, length, 128


def random(seed, shape, dtype):
    return jax.random.normal(jax.random.key(seed), shape, jnp.bfloat16).astype(dtype)


def timed(call, query, caches, settling):
    """Microseconds of call(query, cache), each repetition over all caches in turn."""
    def chain(loops):
        @jax.jit
        def run(q, all_caches):
            def body(_, q):
                for i in range(UNROLLED):
                    q = call(q, all_caches[i % len(all_caches)])
                return q
            return jax.lax.fori_loop(0, loops, body, q)
        return run

    def once(run):
        begin = time.perf_counter()
        run(query, caches).block_until_ready()
        return time.perf_counter() - begin

    run = chain(1)
    once(run)
    loops = max(1, round(LASTING / min(once(run) for _ in range(3))))
    if loops > 1:
        run = chain(loops)
        once(run)
    stop = time.monotonic() + settling
    while time.monotonic() < stop:
        once(run)
    return [round(1e6 * once(run) / loops / UNROLLED, 3) for _ in range(REPETITIONS)]


def check(q, k, v, y, tolerance):
    """Against the plain formula in fp32 for one query of the first head: q, y [head_dim], k, v [tokens, head_dim]."""
    q, k, v, y = (np.asarray(t.astype(jnp.float32)) for t in (q, k, v, y))
    scores = k @ q / q.shape[-1] ** 0.5
    weights = np.exp(scores - scores.max())
    expected = (weights / weights.sum()) @ v
    if np.abs(expected - y).max() > tolerance * max(1e-3, np.abs(expected).max()):
        raise ArithmeticError(f"computes wrongly: off by {np.abs(expected - y).max():.3g} of {np.abs(expected).max():.3g}")


def measured_decode(batch, heads, kv_heads, cached, head_dim):
    blocks = cached // PAGE
    copies = max(1, min(UNROLLED, CACHE // (4 * batch * kv_heads * cached * head_dim)))
    order = np.random.default_rng(1).permutation(batch * blocks).astype(np.int32)
    table = jnp.asarray(order.reshape(batch, 1, blocks, 1))
    one, length = jnp.ones((batch,), jnp.int32), jnp.full((batch,), cached, jnp.int32)

    def call(q, cache):
        return cudnn.paged_attention(q, *cache, one, length, table, table, scale=head_dim**-0.5,
                                     mask_type=cudnn.MaskType.PADDING)

    q = random(0, (batch, 1, heads, head_dim), jnp.bfloat16)
    caches = [tuple(random(2 * i + j, (batch * blocks, PAGE, kv_heads, head_dim), jnp.bfloat16) for j in (1, 2))
              for i in range(copies)]
    k, v = (t[order[:blocks], :, 0, :].reshape(cached, head_dim) for t in caches[0])
    check(q[0, 0, 0], k, v, jax.jit(call)(q, caches[0])[0, 0, 0], 0.02)
    shape = f"bf16 batch={batch} heads={heads} kv_heads={kv_heads} cached={cached} head_dim={head_dim} page={PAGE}"
    return {"kernel": "paged_attention", "shape": shape, "microseconds": timed(call, q, caches, 0)}


def measured_prompt(batch, heads, kv_heads, length, head_dim, dtype):
    scales = {name: jnp.ones((1, 1, 1, 1), jnp.float32) for name in cudnn.FP8Params.__annotations__}

    def call(q, cache):
        if dtype == FP8:
            return cudnn.dot_product_attention(q, *cache, fp8_params=scales, scale=head_dim**-0.5, use_fp8=True,
                                               mask_type=cudnn.MaskType.CAUSAL)[0]
        return cudnn.dot_product_attention(q, *cache, scale=head_dim**-0.5, mask_type=cudnn.MaskType.CAUSAL)

    q = random(0, (batch, length, heads, head_dim), dtype)
    cache = tuple(random(j, (batch, length, kv_heads, head_dim), dtype) for j in (1, 2))
    check(q[0, -1, 0], cache[0][0, :, 0], cache[1][0, :, 0], jax.jit(call)(q, cache)[0, -1, 0], 0.2 if dtype == FP8 else 0.03)
    name = "fp8" if dtype == FP8 else "bf16"
    shape = f"{name} batch={batch} heads={heads} kv_heads={kv_heads} length={length} head_dim={head_dim}"
    return {"kernel": "attention", "shape": shape, "microseconds": timed(call, q, [cache], SETTLING)}


def main():
    arguments = measurement_file.arguments(__doc__)
    gpu = jax.devices()[0]
    if gpu.platform != "gpu":
        print("plenum: error: JAX sees no GPU (driver? CUDA_VISIBLE_DEVICES?)", file=sys.stderr)
        raise SystemExit(5)
    file = measurement_file.begun(arguments.gpu, f"JAX {jax.__version__}, cuDNN {cudnn.check_cudnn_version()}",
                                  {"GPU": gpu.device_kind})
    suites = ((measured_decode, decodes()), (functools.partial(measured_prompt, dtype=FP8), prompts()),
              (functools.partial(measured_prompt, dtype=jnp.bfloat16),
               ((1, 32, 8, 8192, 128), (4, 32, 8, 4096, 128), (16, 32, 8, 512, 128))))
    wrong = 0
    for measured, shapes in suites:
        for shape in shapes:
            try:
                file["kernels"].append(measured(*shape))
            except ArithmeticError as error:
                wrong += 1
                print(f"plenum: error: {shape}: {error}; left out", file=sys.stderr)
            except Exception as error:  # a shape that cuDNN does not support, or memory that is short
                print(f"plenum: warning: {shape}: {repr(error)[:200]}; left out", file=sys.stderr)
        measurement_file.write(arguments.out, file)
    file["complete"] = True
    measurement_file.write(arguments.out, file)
    print(f"{len(file['kernels'])} times into {arguments.out}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
