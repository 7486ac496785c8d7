#!/usr/bin/env python3
"""Kernels that PyTorch chooses or compiles, as a measurement file: attention (causal forward and backward, decoding), and
what training's memory-bound kernels take, eager and compiled.

    python3 calibration/microbench/pytorch_kernels.py --gpu H200-SXM --out calibration/measurements/H200-SXM/2026-01-31-pytorch.json

The microbenchmarks' own kernels are references; training runs a library's. `plenum calibrate fit` takes the times of this
file beside those of plenum_microbench. Needs PyTorch 2.5 or newer with CUDA.
"""
import math
import sys
import time

import measurement_file

REPETITIONS = 20
BATCH, FEWEST = 200, 2  # us, and calls, that are timed at once
DRAWS_POWER, SETTLING = 20, 0.15  # us, s: the clock that the power limit allows stands after some 50 ms
CACHE = 256 << 20  # bytes, several times the card's L2


def refuse(message, code=5):
    print(f"plenum: error: {message}", file=sys.stderr)
    raise SystemExit(code)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    refuse("PyTorch is not installed; python3 -m pip install torch")
import torch._functorch.config

torch._functorch.config.donated_buffer = False  # backward runs many times from one forward


def prompts():
    """(batch, heads, KV heads, length, head dimension), from short prompts to the longest contexts trained."""
    for head_dim in (64, 128):
        for length in (128, 512, 1024, 2048, 4096, 8192, 16384):
            for heads, kv_heads in ((8, 8), (32, 8), (32, 32), (64, 8)):
                for batch in (1, 4, 32):
                    if batch * heads * length <= 1 << 21:
                        yield batch, heads, kv_heads, length, head_dim


def decodes():
    """(sequences, heads, KV heads, cached tokens, head dimension) of one new token per sequence."""
    for head_dim, kv_heads_of in ((128, ((8, 8), (24, 8), (32, 8), (64, 8), (8, 1), (32, 32))), (64, ((32, 8), (8, 8)))):
        for heads, kv_heads in kv_heads_of:
            for batch in (1, 4, 16, 64, 256):
                for cached in (128, 512, 2048, 8192, 32768):
                    if 4 * batch * kv_heads * cached * head_dim <= 6 << 30:
                        yield batch, heads, kv_heads, cached, head_dim


def kernel_of(step):
    """Name of the longest kernel: which library PyTorch chose."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        step()
        torch.cuda.synchronize()
    return max(profile.key_averages(), key=lambda event: event.device_time_total).key


def elapsed(replay):
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    torch.cuda._sleep(100_000)  # cycles in which the host gets ahead
    begin.record()
    replay()
    end.record()
    end.synchronize()
    return 1e3 * begin.elapsed_time(end)


def captured(step, count, stream):
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=stream):
        for i in range(count):
            step(i)
    return graph


def microseconds(step, stream, settling=SETTLING):
    """Each repetition by device events: a graph of enough calls for the events' resolution, after as many seconds of
    settling when a call is long enough to draw power. step(i) may use other tensors for each i."""
    with torch.cuda.stream(stream):
        step(0)
    torch.cuda.synchronize()
    count, graph = FEWEST, captured(step, FEWEST, stream)
    once = min(elapsed(graph.replay) for _ in range(3)) / count
    if count * once < BATCH:
        count = math.ceil(BATCH / once)
        graph = captured(step, count, stream)
    if elapsed(graph.replay) / count > DRAWS_POWER:
        stop = time.monotonic() + settling
        while time.monotonic() < stop:
            elapsed(graph.replay)
    return [round(elapsed(graph.replay) / count, 3) for _ in range(REPETITIONS)]


def check(q, k, v, y):
    """Against the plain formula in fp32, for the last query of the first head."""
    groups = q.shape[1] // k.shape[1]
    scores = (q[0, 0, -1].float() @ k[0, 0].float().t()) / q.shape[-1] ** 0.5
    expected = scores.softmax(-1) @ v[0, 0].float()
    if not torch.allclose(expected, y[0, 0, -1].float(), atol=2e-2, rtol=2e-2):
        refuse(f"attention computes wrongly (groups of {groups})", 1)


def measured_prompt(batch, heads, kv_heads, length, head_dim):
    def tensor(n):
        return torch.randn(batch, n, length, head_dim, dtype=torch.bfloat16, device="cuda", requires_grad=True)

    q, k, v = tensor(heads), tensor(kv_heads), tensor(kv_heads)
    gradient = torch.randn_like(q)
    stream = torch.cuda.Stream()

    def forward(_):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=heads != kv_heads)

    torch.cuda.synchronize()
    with torch.cuda.stream(stream):  # the backward pass runs where the forward one did
        y = forward(0)
    torch.cuda.synchronize()
    check(q, k, v, y)
    shape = f"bf16 batch={batch} heads={heads} kv_heads={kv_heads} length={length} head_dim={head_dim}"
    with torch.no_grad():
        times = microseconds(forward, stream)
    yield {"kernel": "attention", "shape": shape, "microseconds": times}
    times = microseconds(lambda _: torch.autograd.grad(y, (q, k, v), gradient, retain_graph=True), stream)
    yield {"kernel": "attention_backward", "shape": shape, "microseconds": times}


def measured_decode(batch, heads, kv_heads, cached, head_dim):
    """Caches take turns, so that they come from memory."""
    copies = max(1, min(64, CACHE // (4 * batch * kv_heads * cached * head_dim)))

    def tensor(n, tokens):
        return torch.randn(copies, batch, n, tokens, head_dim, dtype=torch.bfloat16, device="cuda")

    q, k, v = tensor(heads, 1), tensor(kv_heads, cached), tensor(kv_heads, cached)

    def step(i):
        i %= copies
        return F.scaled_dot_product_attention(q[i], k[i], v[i], enable_gqa=heads != kv_heads)

    with torch.no_grad():
        check(q[0], k[0], v[0], step(0))
        shape = f"bf16 batch={batch} heads={heads} kv_heads={kv_heads} cached={cached} head_dim={head_dim}"
        times = microseconds(step, torch.cuda.Stream(), settling=0)  # reading alone draws less
    yield {"kernel": "decode_attention", "shape": shape, "microseconds": times}


def rotated(x, positions):
    """Rotary embedding of [batch, heads, tokens, head_dim], angles computed on the way."""
    half = x.shape[-1] // 2
    rates = 500000.0 ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = positions.float()[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def in_8_bits(t):
    scale = t.abs().amax().float().clamp(min=1e-12) / torch.finfo(torch.float8_e4m3fn).max
    return (t.float() / scale).to(torch.float8_e4m3fn)


def gated(x):
    gate, up = x.chunk(2, dim=-1)
    return F.silu(gate) * up


def normed(x, w):
    return F.rms_norm(x, x.shape[-1:], w)


def loss_of(logits, labels):
    return F.cross_entropy(logits.float(), labels)


def memory_bound(rows, width):
    """(kernel, function, its tensors, bytes per element of the result that forward and backward move, eager and compiled):
    what the kernels that PyTorch runs read and write, 2 bytes per value unless they compute in fp32."""
    def tensor(*shape):
        return torch.randn(*shape, dtype=torch.bfloat16, device="cuda")

    head_dim, tokens = 128, min(rows, 2048)
    positions = torch.arange(tokens, device="cuda")
    heads = tensor(rows // tokens, tokens, width // head_dim, head_dim).transpose(1, 2)  # as a product leaves them
    yield "norm", normed, (tensor(rows, width), tensor(width)), {"eager": (4, 10), "compiled": (4, 6)}
    yield "activation", gated, (tensor(rows, 2 * width),), {"eager": (10, 18), "compiled": (6, 10)}
    yield "rotary", rotated, (heads, positions), {"eager": (18, 18), "compiled": (4, 4)}
    yield "add", torch.add, (tensor(rows, width), tensor(rows, width)), {"eager": (6, 0), "compiled": (6, 0)}
    yield "cast", in_8_bits, (tensor(rows, width),), {"eager": (25, 0), "compiled": (5, 0)}
    yield "cast_transposed", lambda t: in_8_bits(t.t().contiguous()), (tensor(rows, width),), {"eager": (29, 0), "compiled": (5, 0)}
    yield "gradient_cast", torch.Tensor.float, (tensor(rows, width),), {"eager": (6, 0)}
    labels = torch.randint(128256, (rows // 4,), device="cuda")
    yield "loss", loss_of, (tensor(rows // 4, 128256), labels), {"eager": (14, 22), "compiled": (2, 4)}


def measured_memory_bound(rows, width):
    for kernel, function, tensors, bytes_of in memory_bound(rows, width):
        for mode, (forward, backward) in bytes_of.items():
            torch._dynamo.reset()
            call = torch.compile(function) if mode == "compiled" else function
            stream = torch.cuda.Stream()
            if backward:
                for t in tensors:
                    t.requires_grad_(t.is_floating_point())
            learned = tuple(t for t in tensors if t.requires_grad)
            torch.cuda.synchronize()
            with torch.cuda.stream(stream):
                y = call(*tensors)
                if backward:  # compiles it; gradients of a loss are scalars, others as a layer's are
                    gradient = torch.ones_like(y)
                    torch.autograd.grad(y, learned, gradient, retain_graph=True)
            torch.cuda.synchronize()
            elements = tensors[0].numel() if kernel == "loss" else y.numel()

            def entry(direction, per_element, times):
                return {"kernel": kernel + direction, "shape": f"{mode} bytes={per_element * elements}",
                        "microseconds": times}

            with torch.no_grad() if not backward else torch.enable_grad():
                yield entry("", forward, microseconds(lambda _: call(*tensors), stream))
            if backward:
                times = microseconds(lambda _: torch.autograd.grad(y, learned, gradient, retain_graph=True), stream)
                yield entry("_backward", backward, times)


def measured_optimizer(elements):
    """AdamW's one kernel for many tensors, on fp32 gradients, weights and moments, and the copy into bf16."""
    weights = [torch.randn(elements // 16, device="cuda") for _ in range(16)]
    narrow = [torch.zeros(elements // 16, dtype=torch.bfloat16, device="cuda") for _ in range(16)]
    for w in weights:
        w.grad = torch.randn_like(w)
    optimizer = torch.optim.AdamW(weights, lr=1e-5, fused=True, capturable=True)
    optimizer.step()
    stream = torch.cuda.Stream()
    times = microseconds(lambda _: optimizer.step(), stream)
    yield {"kernel": "optimizer", "shape": f"fused bytes={28 * elements}", "microseconds": times}
    times = microseconds(lambda _: torch._foreach_copy_(narrow, weights), stream)
    yield {"kernel": "weight_copy", "shape": f"eager bytes={6 * elements}", "microseconds": times}


def main():
    arguments = measurement_file.arguments(__doc__)
    if not torch.cuda.is_available():
        refuse("PyTorch sees no GPU (driver? CUDA_VISIBLE_DEVICES?)")
    q = torch.randn(1, 8, 1024, 128, dtype=torch.bfloat16, device="cuda")
    kernel = kernel_of(lambda: F.scaled_dot_product_attention(q, q, q, is_causal=True))
    file = measurement_file.begun(arguments.gpu, f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}",
                                  {"GPU": torch.cuda.get_device_name(), "kernel": kernel})
    suites = ((measured_decode, decodes()), (measured_memory_bound, [(2048, 4096), (8192, 8192)]),
              (measured_optimizer, [(1 << 24,), (1 << 28,)]), (measured_prompt, prompts()))
    for measured, shapes in suites:
        for shape in shapes:
            try:
                file["kernels"].extend(measured(*shape))
            except torch.cuda.OutOfMemoryError:
                print(f"plenum: warning: {shape}: out of memory, left out", file=sys.stderr)
        measurement_file.write(arguments.out, file)
    file["complete"] = True
    measurement_file.write(arguments.out, file)
    print(f"{kernel}\n{len(file['kernels'])} times into {arguments.out}")


if __name__ == "__main__":
    main()
