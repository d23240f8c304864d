"""The PyTorch side of `bench -- training`: a llama of the same shape, trained on random tokens, LoRA or all weights. Prints one line of JSON.

usage: reference.py lora|full THREADS STEPS WARMUP BATCH LENGTH EMBEDDING LAYERS HEADS KV_HEADS FEED_FORWARD VOCABULARY RANK float32|bfloat16
"""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

MODE = sys.argv[1]
THREADS, STEPS, WARMUP, BATCH, LENGTH, WIDTH, LAYERS, HEADS, KV_HEADS, FEED, VOCABULARY, RANK = map(int, sys.argv[2:14])
DTYPE = getattr(torch, sys.argv[14])
HEAD = WIDTH // HEADS


class Linear(nn.Module):
    """A matrix, with a low-rank update beside it when adapters are trained."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5, requires_grad=MODE == "full")
        if MODE == "lora":
            self.a = nn.Parameter(torch.randn(RANK, inputs) / inputs**0.5)
            self.b = nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, x):
        y = F.linear(x, self.weight)
        return y + 2 * F.linear(F.linear(x, self.a), self.b) if MODE == "lora" else y


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH), requires_grad=MODE == "full")

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5).to(x.dtype)


def rotate(x, cosine, sine):
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        keys = HEAD * KV_HEADS
        self.attention_norm, self.feed_norm = Norm(), Norm()
        self.q, self.k, self.v, self.o = Linear(WIDTH, WIDTH), Linear(WIDTH, keys), Linear(WIDTH, keys), Linear(WIDTH, WIDTH)
        self.gate, self.up, self.down = Linear(WIDTH, FEED), Linear(WIDTH, FEED), Linear(FEED, WIDTH)

    def forward(self, x, cosine, sine, mask):
        normed = self.attention_norm(x)
        q = rotate(self.q(normed).view(BATCH, LENGTH, HEADS, HEAD).transpose(1, 2), cosine, sine)
        k = rotate(self.k(normed).view(BATCH, LENGTH, KV_HEADS, HEAD).transpose(1, 2), cosine, sine)
        v = self.v(normed).view(BATCH, LENGTH, KV_HEADS, HEAD).transpose(1, 2)
        k, v = (t.repeat_interleave(HEADS // KV_HEADS, 1) for t in (k, v))
        weights = ((q @ k.transpose(-1, -2)) / HEAD**0.5 + mask).softmax(-1)
        x = x + self.o((weights @ v).transpose(1, 2).reshape(BATCH, LENGTH, WIDTH))
        normed = self.feed_norm(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(VOCABULARY, WIDTH) * 0.02, requires_grad=MODE == "full")
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = Norm()
        self.output = nn.Parameter(torch.randn(VOCABULARY, WIDTH) / WIDTH**0.5, requires_grad=MODE == "full")
        angles = torch.arange(LENGTH)[:, None] * 10000 ** (-torch.arange(0, HEAD, 2) / HEAD)
        self.register_buffer("cosine", angles.cos())
        self.register_buffer("sine", angles.sin())
        self.register_buffer("mask", torch.full((LENGTH, LENGTH), float("-inf")).triu(1))

    def forward(self, tokens):
        x = F.embedding(tokens, self.embedding)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine, self.mask)
        return F.linear(self.norm(x), self.output)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(THREADS)
    model = Model().to(DTYPE)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=0)
    tokens = torch.randint(VOCABULARY, (BATCH, LENGTH))
    for step in range(WARMUP + STEPS):
        if step == WARMUP:
            started = time.perf_counter()
        logits = model(tokens)
        loss = F.cross_entropy(logits[:, :-1].reshape(-1, VOCABULARY).float(), tokens[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tokens_per_second": BATCH * LENGTH * STEPS / seconds, "peak_bytes": peak, "loss": loss.item(), "version": torch.__version__}))


main()
