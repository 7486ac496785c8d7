#!/usr/bin/env python3
"""Causal attention, forward and backward, by the kernels that PyTorch chooses (FlashAttention, cuDNN), as a measurement file.

    python3 calibration/microbench/attention.py --gpu H200-SXM --out calibration/measurements/H200-SXM/2026-01-31-attention.json

The microbenchmarks' own attention kernel is a reference; training runs a library's. `plenum calibrate fit` takes the times of
this file beside those of plenum_microbench. Needs PyTorch 2.5 or newer with CUDA.
"""
import argparse
import datetime
import json
import os
import sys

REPETITIONS = 20


def refuse(message, code=5):
    print(f"plenum: error: {message}", file=sys.stderr)
    raise SystemExit(code)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    refuse("PyTorch is not installed; python3 -m pip install torch")


def shapes():
    """(batch, heads, KV heads, length, head dimension), from short prompts to the longest contexts trained."""
    for head_dim in (64, 128):
        for length in (128, 512, 1024, 2048, 4096, 8192, 16384):
            for heads, kv_heads in ((8, 8), (32, 8), (32, 32), (64, 8)):
                for batch in (1, 4, 32):
                    if batch * heads * length <= 1 << 21:
                        yield batch, heads, kv_heads, length, head_dim


def kernel_of(step):
    """Name of the longest kernel: which library PyTorch chose."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        step()
        torch.cuda.synchronize()
    return max(profile.key_averages(), key=lambda event: event.device_time_total).key


def microseconds(step):
    """Each repetition by device events, the cache flushed by 256 MiB that are written in between."""
    flush = torch.empty(1 << 28, dtype=torch.uint8, device="cuda")
    times = []
    for repetition in range(REPETITIONS + 3):
        flush.zero_()
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        step()
        end.record()
        end.synchronize()
        if repetition >= 3:
            times.append(round(1e3 * begin.elapsed_time(end), 2))
    return times


def check(q, k, v, y):
    """Against the plain formula in fp32, for the last query of the first head."""
    groups = q.shape[1] // k.shape[1]
    scores = (q[0, 0, -1].float() @ k[0, 0].float().t()) / q.shape[-1] ** 0.5
    expected = scores.softmax(-1) @ v[0, 0].float()
    if not torch.allclose(expected, y[0, 0, -1].float(), atol=2e-2, rtol=2e-2):
        refuse(f"attention computes wrongly (groups of {groups})", 1)


def measured(batch, heads, kv_heads, length, head_dim):
    def tensor(n):
        return torch.randn(batch, n, length, head_dim, dtype=torch.bfloat16, device="cuda", requires_grad=True)

    q, k, v = tensor(heads), tensor(kv_heads), tensor(kv_heads)
    gradient = torch.randn_like(q)

    def forward():
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=heads != kv_heads)

    y = forward()
    check(q, k, v, y)
    shape = f"bf16 batch={batch} heads={heads} kv_heads={kv_heads} length={length} head_dim={head_dim}"
    with torch.no_grad():
        times = microseconds(forward)
    back = microseconds(lambda: torch.autograd.grad(y, (q, k, v), gradient, retain_graph=True))
    return [{"kernel": "attention", "shape": shape, "microseconds": times},
            {"kernel": "attention_backward", "shape": shape, "microseconds": back}]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="the measurement file to be written")
    parser.add_argument("--gpu", required=True, help="the device's name in calibration/devices")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        refuse("PyTorch sees no GPU (driver? CUDA_VISIBLE_DEVICES?)")
    q = torch.randn(1, 8, 1024, 128, dtype=torch.bfloat16, device="cuda")
    kernel = kernel_of(lambda: F.scaled_dot_product_attention(q, q, q, is_causal=True))
    kernels = []
    for shape in shapes():
        try:
            kernels += measured(*shape)
        except torch.cuda.OutOfMemoryError:
            print(f"plenum: warning: {shape}: out of memory, left out", file=sys.stderr)
    file = {"format": "plenum-measurements-1", "gpu": arguments.gpu, "date": datetime.date.today().isoformat(),
            "source": f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}", "complete": True,
            "facts": [{"name": "GPU", "value": torch.cuda.get_device_name()}, {"name": "kernel", "value": kernel}],
            "kernels": kernels}
    with open(arguments.out + ".new", "w") as out:
        json.dump(file, out)
        out.write("\n")
    os.replace(arguments.out + ".new", arguments.out)
    print(f"{kernel}\n{len(kernels)} times into {arguments.out}")


if __name__ == "__main__":
    main()
