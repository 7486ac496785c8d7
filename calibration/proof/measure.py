#!/usr/bin/env python3
"""Real training steps and real decoding of Llama-style models on one GPU: `plenum validate proof` predicts them.

    python3 calibration/proof/measure.py --out calibration/proof/H200-SXM.json --gpu H200-SXM-microbench [--full]

Needs PyTorch 2.5 or newer with CUDA, and nothing else. A run that was cut short goes on where it stopped. Training keeps
weights and gradients in bf16 and Adam's masters and moments in fp32; FP8 products scale whole tensors (e4m3, torch._scaled_mm).
"compiled" compiles a layer, which all share, and the loss, as torchtitan does; decoding is captured as a CUDA graph then.
Nothing here is used by any fit.
"""
import argparse
import datetime
import json
import math
import os
import sys
import time

FORMAT = "plenum-proof-1"
MODELS = {  # layers, hidden, heads, KV heads, width of the MLP: Llama 3.2 1B and 3B, Llama 3.1 8B
    "proof-1b": (16, 2048, 32, 8, 8192),
    "proof-3b": (28, 3072, 24, 8, 8192),
    "proof-8b": (32, 4096, 32, 8, 14336),
    # So narrow that the card waits for the host: what Python pays per layer, and beside the layers.
    "narrow-8": (8, 256, 4, 2, 256),
    "narrow-24": (24, 256, 4, 2, 256),
}
VOCABULARY = 128256
REPETITIONS = 15
DECODE_STEPS = 16


def refuse(message, code=5):
    print(f"plenum: error: {message}", file=sys.stderr)
    raise SystemExit(code)


try:
    import torch
    import torch.nn.functional as F
except ImportError:
    refuse("PyTorch is not installed; python3 -m pip install torch")


class ScaledProduct(torch.autograd.Function):
    """y = x w^T in FP8, forward and backward; scales are taken anew from each tensor."""

    @staticmethod
    def cast(t):
        scale = t.abs().amax().float().clamp(min=1e-12) / torch.finfo(torch.float8_e4m3fn).max
        return (t.float() / scale).to(torch.float8_e4m3fn), scale

    @staticmethod
    def product(a, b):  # a [m, k] times b [n, k] transposed
        (qa, sa), (qb, sb) = ScaledProduct.cast(a), ScaledProduct.cast(b)
        return torch._scaled_mm(qa, qb.t(), scale_a=sa, scale_b=sb, out_dtype=torch.bfloat16)

    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return ScaledProduct.product(x, w)

    @staticmethod
    def backward(ctx, gradient):
        x, w = ctx.saved_tensors
        gradient = gradient.contiguous()
        return (ScaledProduct.product(gradient, w.t().contiguous()),
                ScaledProduct.product(gradient.t().contiguous(), x.t().contiguous()))


class Linear(torch.nn.Module):
    def __init__(self, inputs, outputs, fp8):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(outputs, inputs, dtype=torch.bfloat16, device="cuda") * 0.02)
        self.fp8 = fp8
        self.register_buffer("stored", None, persistent=False)

    def freeze(self):
        """For decoding: the weight is cast once."""
        if self.fp8:
            self.stored, self.scale = ScaledProduct.cast(self.weight.detach())

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        if self.stored is not None:
            q, scale = ScaledProduct.cast(flat)
            pad = -flat.shape[0] % 16  # rows that _scaled_mm wants
            q = F.pad(q.view(torch.uint8), (0, 0, 0, pad)).view(torch.float8_e4m3fn)
            y = torch._scaled_mm(q, self.stored.t(), scale_a=scale, scale_b=self.scale, out_dtype=torch.bfloat16)
            y = y[: flat.shape[0]]
        elif self.fp8:
            y = ScaledProduct.apply(flat, self.weight)
        else:
            y = F.linear(flat, self.weight)
        return y.view(*x.shape[:-1], y.shape[-1])


def rotate(x, positions):
    """Rotary embedding of [batch, heads, tokens, head_dim]."""
    half = x.shape[-1] // 2
    rates = 500000.0 ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = positions.float()[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Layer(torch.nn.Module):
    def __init__(self, hidden, heads, kv_heads, ffn, fp8):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, hidden // heads
        self.qkv = Linear(hidden, (heads + 2 * kv_heads) * self.head_dim, fp8)
        self.out = Linear(hidden, hidden, fp8)
        self.up = Linear(hidden, 2 * ffn, fp8)
        self.down = Linear(ffn, hidden, fp8)
        self.norms = torch.nn.ParameterList(
            torch.nn.Parameter(torch.ones(hidden, dtype=torch.bfloat16, device="cuda")) for _ in range(2))
        self.cache = None

    def attention(self, x, positions):
        batch, tokens, _ = x.shape
        split = [self.heads * self.head_dim] + 2 * [self.kv_heads * self.head_dim]
        q, k, v = (t.view(batch, tokens, -1, self.head_dim).transpose(1, 2) for t in self.qkv(x).split(split, dim=-1))
        q, k = rotate(q, positions), rotate(k, positions)
        if self.cache is not None:  # the cached tokens, the last one replaced by the new one
            self.cache[0].index_copy_(2, positions, k)
            self.cache[1].index_copy_(2, positions, v)
            k, v = self.cache
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.cache is None, enable_gqa=True)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, -1))

    def forward(self, x, positions):
        x = x + self.attention(F.rms_norm(x, x.shape[-1:], self.norms[0]), positions)
        gate, up = self.up(F.rms_norm(x, x.shape[-1:], self.norms[1])).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Model(torch.nn.Module):
    def __init__(self, name, fp8):
        super().__init__()
        layers, hidden, heads, kv_heads, ffn = MODELS[name]
        self.embedding = torch.nn.Parameter(torch.randn(VOCABULARY, hidden, dtype=torch.bfloat16, device="cuda") * 0.02)
        self.layers = torch.nn.ModuleList(Layer(hidden, heads, kv_heads, ffn, fp8) for _ in range(layers))
        self.norm = torch.nn.Parameter(torch.ones(hidden, dtype=torch.bfloat16, device="cuda"))
        self.head = Linear(hidden, VOCABULARY, False)

    def hidden(self, tokens, positions):
        x = F.embedding(tokens, self.embedding)
        for layer in self.layers:
            x = layer(x, positions)
        return x

    def logits(self, x):
        return self.head(F.rms_norm(x, x.shape[-1:], self.norm))


def timed(step, repetitions=REPETITIONS, per=1):
    """Seconds of each repetition by device events, after warm-up. Nobody waits in between: as in a real run, the host is
    ahead where it is faster."""
    for _ in range(3):
        step()
    torch.cuda.synchronize()
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(repetitions + 1)]
    marks[0].record()
    for mark in marks[1:]:
        for _ in range(per):
            step()
        mark.record()
    torch.cuda.synchronize()
    return [begin.elapsed_time(end) / 1e3 / per for begin, end in zip(marks, marks[1:])]


def captured(step):
    """The step as a CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def replay(_=step):  # keeps the tensors that the graph reads
        graph.replay()

    return replay


def training_work(run):
    """One training step, to be called."""
    model = Model(run["model"], run["precision"] == "fp8")
    parameters = list(model.parameters())
    masters = [p.detach().float() for p in parameters]
    optimizer = torch.optim.AdamW(masters, lr=1e-5, fused=True, capturable=True)
    tokens = torch.randint(VOCABULARY, (run["batch"], run["tokens"] + 1), device="cuda")
    positions = torch.arange(run["tokens"], device="cuda")

    def loss_of(x, y):
        return F.cross_entropy(model.logits(x).flatten(0, 1).float(), y.flatten())

    if run["mode"] == "compiled":
        loss_of = torch.compile(loss_of)
        for layer in model.layers:
            layer.compile()

    def step():
        loss_of(model.hidden(tokens[:, :-1], positions), tokens[:, 1:]).backward()
        for p, master in zip(parameters, masters):
            master.grad = p.grad.float()
            p.grad = None
        optimizer.step()
        with torch.no_grad():
            torch._foreach_copy_(parameters, masters)

    return step


def decode_work(run):
    """One step of decoding, to be called."""
    model = Model(run["model"], run["precision"] == "fp8").requires_grad_(False)
    batch, cached = run["batch"], run["tokens"]
    for layer in model.layers:
        shape = (batch, layer.kv_heads, cached, layer.head_dim)
        layer.cache = [torch.randn(shape, dtype=torch.bfloat16, device="cuda") for _ in range(2)]
        for linear in (layer.qkv, layer.out, layer.up, layer.down):
            linear.freeze()
    tokens = torch.zeros((batch, 1), dtype=torch.long, device="cuda")
    position = torch.full((1,), cached - 1, dtype=torch.long, device="cuda")

    if run["mode"] == "compiled":
        for layer in model.layers:
            layer.compile()

    def step():
        with torch.no_grad():
            tokens.copy_(model.logits(model.hidden(tokens, position))[:, -1].argmax(dim=-1, keepdim=True))

    return step if run["mode"] == "eager" else captured(step)


TRAINING = {  # batch x tokens, and the modes in which the shorter set has them
    "proof-1b": {(1, 2048): "eager", (4, 2048): "eager compiled", (2, 8192): "eager compiled", (1, 8192): ""},
    "proof-3b": {(1, 2048): "eager", (4, 2048): "eager compiled", (1, 8192): "eager", (2, 8192): ""},
}  # proof-8b: 16 bytes per parameter and activations are beyond one card
DECODE = [(1, 2048), (16, 2048), (64, 2048), (16, 8192)]


def planned(full, fp8):
    """What is measured, in order. The shorter set has FP8 once per kind, model and mode."""
    def run(kind, mode, precision, model, batch, tokens):
        layers, hidden, heads, kv_heads, ffn = MODELS[model]
        return {"kind": kind, "mode": mode, "precision": precision, "model": model, "layers": layers, "hidden": hidden,
                "heads": heads, "kv_heads": kv_heads, "ffn": ffn, "vocabulary": VOCABULARY, "batch": batch,
                "tokens": tokens}

    for precision in ["bf16", "fp8"] if fp8 else ["bf16"]:
        for model, sizes in TRAINING.items():
            for (batch, tokens), modes in sizes.items():
                for mode in ("eager", "compiled"):
                    if full or mode in modes and (precision == "bf16" or (batch, tokens) == (4, 2048)):
                        yield run("training", mode, precision, model, batch, tokens)
        for model in [name for name in MODELS if name.startswith("proof")]:
            for batch, tokens in DECODE:
                for mode in ("eager", "graphs", "compiled"):
                    if full or precision == "bf16" or model == "proof-8b" and batch == 16:
                        yield run("decode", mode, precision, model, batch, tokens)
        for model in ("narrow-8", "narrow-24"):
            for kind in ("training", "decode"):
                yield run(kind, "eager", precision, model, 1, 128)


def write(path, file):
    with open(path + ".new", "w") as out:
        json.dump(file, out, indent=1)
        out.write("\n")
    os.replace(path + ".new", path)


def same(a, b):
    return all(a.get(key) == b.get(key) for key in a if key != "seconds")


def started(arguments):
    """The file to go on with, or a new one."""
    name = torch.cuda.get_device_name()
    software = f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, {name}"
    fresh = {"format": FORMAT, "gpu": arguments.gpu, "date": datetime.date.today().isoformat(), "software": software,
             "complete": False, "runs": []}
    if not os.path.exists(arguments.out):
        return fresh
    try:
        with open(arguments.out) as known:
            file = json.load(known)
    except (OSError, ValueError) as error:
        refuse(f"{arguments.out} can't be read ({error}); remove it or choose another --out", 3)
    if file.get("format") != FORMAT or file.get("gpu") != arguments.gpu or file.get("software") != software:
        refuse(f"{arguments.out} was measured elsewhere ({file.get('gpu')}, {file.get('software')}); choose another --out", 3)
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="the proof file, new or to be continued")
    parser.add_argument("--gpu", required=True, help="the device's name in calibration/devices")
    parser.add_argument("--full", action="store_true", help="every size in every mode; the shorter set takes six minutes on an H200")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        refuse("PyTorch sees no GPU (driver? CUDA_VISIBLE_DEVICES?)")
    torch.manual_seed(1)
    file = started(arguments)
    runs = list(planned(arguments.full, torch.cuda.get_device_capability() >= (8, 9)))
    file["complete"] = False
    begin = time.monotonic()
    for i, run in enumerate(runs):
        if any(same(run, known) for known in file["runs"]):
            continue
        if sys.stderr.isatty():
            left = (time.monotonic() - begin) / max(1, i) * (len(runs) - i)
            print(f"\r{i + 1}/{len(runs)}  {left:.0f} s left  {run['kind']} {run['model']} {run['precision']} "
                  f"{run['mode']} {run['batch']}x{run['tokens']}\033[K", end="", file=sys.stderr)
        try:
            seconds = timed(training_work(run)) if run["kind"] == "training" else timed(decode_work(run), per=DECODE_STEPS)
        except torch.cuda.OutOfMemoryError:
            print(f"\nplenum: warning: {run['kind']} {run['model']} {run['batch']}x{run['tokens']}: out of memory, left out",
                  file=sys.stderr)
            continue
        finally:
            torch._dynamo.reset()
            torch.cuda.empty_cache()
        if not all(math.isfinite(s) and s > 0 for s in seconds):
            refuse("a time is no positive number: is the card shared?")
        file["runs"].append({**run, "seconds": seconds})
        write(arguments.out, file)
    file["complete"] = True
    write(arguments.out, file)
    print(f"\n{len(file['runs'])} runs into {arguments.out}; plenum validate proof {arguments.out}")


if __name__ == "__main__":
    main()
