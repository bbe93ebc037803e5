#!/usr/bin/python3
"""Trains the byte-level Mamba model that ships in scenarios/models/tiny-mamba.

Needs Debian's python3-torch, libopenblas0-pthread (without it a hundred times slower) and bible-kjv.
About 40 minutes on two cores: scripts/train_tiny_mamba.py [--minutes 40]
scripts/train_tiny_mamba.py --check compares the hand-written gradient of the selective scan with plain autograd.
"""
import argparse
import math

import torch
from torch import nn

import tiny_lm

CONFIG = {
    "architectures": ["MambaForCausalLM"],
    "model_type": "mamba",
    "hidden_size": 192,
    "intermediate_size": 384,
    "expand": 2,
    "state_size": 8,
    "conv_kernel": 4,
    "time_step_rank": 12,
    "num_hidden_layers": 8,
    "max_position_embeddings": 256,
    "layer_norm_epsilon": 1e-5,
    "hidden_act": "silu",
    "use_bias": False,
    "use_conv_bias": True,
    "tie_word_embeddings": True,
    "vocab_size": 256,
    "bos_token_id": None,
    "eos_token_id": None,
    "torch_dtype": "float16",
}
CHUNK = 16  # time steps of the scan that are worked on while they are in the cache


class SelectiveScan(torch.autograd.Function):
    """h[t] = exp(delta[t] A) h[t-1] + delta[t] u[t] B[t],  y[t] = C[t] h[t],  for every channel and h[-1] = 0.

    Time comes first: u, delta are (time, batch, channel), B, C (time, batch, state), A (state, channel). Step by step, as defined; only
    the state at the chunks' borders is kept, and the backward pass runs each chunk again.
    """

    @staticmethod
    def chunk(h, u, delta, a, b):
        """The decays and the states of a chunk; h is the state before it."""
        decay = (delta[:, :, None] * a).exp_()
        states = b[..., None] * (delta * u)[:, :, None]
        for step in range(len(u)):
            h = states[step].addcmul_(decay[step], h)
        return decay, states

    @staticmethod
    def forward(ctx, u, delta, a, b, c):
        y = torch.empty_like(u)
        h = u.new_zeros(u.shape[1], a.shape[0], a.shape[1])
        borders = []
        for at in range(0, len(u), CHUNK):
            now = slice(at, at + CHUNK)
            borders.append(h)
            _, states = SelectiveScan.chunk(h, u[now], delta[now], a, b[now])
            h = states[-1].clone()
            torch.matmul(c[now, :, None], states, out=y[now, :, None])
        ctx.save_for_backward(u, delta, a, b, c, *borders)
        return y

    @staticmethod
    def backward(ctx, dy):
        u, delta, a, b, c, *borders = ctx.saved_tensors
        du, ddelta, da, db, dc = (torch.empty_like(t) for t in (u, delta, a, b, c))
        da.zero_()
        carry = torch.zeros_like(borders[0])  # gradient that the steps after the chunk send to its last state
        for at in reversed(range(0, len(u), CHUNK)):
            now = slice(at, at + CHUNK)
            u_, delta_, dy_ = u[now], delta[now], dy[now]
            h = borders[at // CHUNK]
            decay, states = SelectiveScan.chunk(h, u_, delta_, a, b[now])
            g = c[now][..., None] * dy_[:, :, None]  # gradient of every state
            g[-1].add_(carry)
            for step in reversed(range(len(u_) - 1)):
                g[step].addcmul_(decay[step + 1], g[step + 1])
            carry = decay[0] * g[0]
            torch.matmul(states, dy_[..., None], out=dc[now][..., None])
            torch.matmul(g, (delta_ * u_)[..., None], out=db[now][..., None])
            dproduct = (b[now, :, None] @ g)[:, :, 0]
            torch.mul(dproduct, delta_, out=du[now])
            dexponent = g.mul_(decay)
            dexponent[1:].mul_(states[:-1])
            dexponent[0].mul_(h)
            ddelta_ = torch.mul(dproduct, u_, out=ddelta[now])
            for state in range(a.shape[0]):
                ddelta_.addcmul_(dexponent[:, :, state], a[state])
                da[state] += (dexponent[:, :, state] * delta_).sum((0, 1))
        return du, ddelta, da, db, dc


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(CONFIG["hidden_size"]))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["layer_norm_epsilon"]))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        hidden, inner, self.state = (CONFIG[k] for k in ("hidden_size", "intermediate_size", "state_size"))
        self.rank, self.taps = CONFIG["time_step_rank"], CONFIG["conv_kernel"]
        self.in_proj = nn.Linear(hidden, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, self.taps, groups=inner, padding=self.taps - 1)
        self.x_proj = nn.Linear(inner, self.rank + 2 * self.state, bias=False)
        self.dt_proj = nn.Linear(self.rank, inner)
        self.A_log = nn.Parameter(torch.arange(1, self.state + 1).float().log().repeat(inner, 1))
        self.D = nn.Parameter(torch.ones(inner))
        self.out_proj = nn.Linear(inner, hidden, bias=False)
        with torch.no_grad():  # as published: time steps of 0.001 to 0.1 at the start
            nn.init.uniform_(self.dt_proj.weight, -self.rank ** -0.5, self.rank ** -0.5)
            step = torch.exp(torch.empty(inner).uniform_(math.log(0.001), math.log(0.1)))
            self.dt_proj.bias.copy_(step + torch.log(-torch.expm1(-step)))
            self.out_proj.weight.div_(CONFIG["num_hidden_layers"] ** 0.5)

    def convolve(self, x):
        """The causal depthwise convolution; torch's own is slow for it on a CPU."""
        padded = torch.cat((x.new_zeros(self.taps - 1, *x.shape[1:]), x))
        taps = [padded[k:k + len(x)] * self.conv1d.weight[:, 0, k] for k in range(self.taps)]
        return sum(taps) + self.conv1d.bias

    def forward(self, x):
        u, gate = self.in_proj(x).chunk(2, -1)
        u = nn.functional.silu(self.convolve(u.float()))
        delta, b, c = self.x_proj(u).split((self.rank, self.state, self.state), -1)
        delta = nn.functional.softplus(self.dt_proj(delta).float())
        y = SelectiveScan.apply(u, delta, -torch.exp(self.A_log.t()), b.float(), c.float())
        return self.out_proj((y + self.D * u) * nn.functional.silu(gate))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = RmsNorm()
        self.mixer = Mixer()

    def forward(self, x):
        return x + self.mixer(self.norm(x))


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(CONFIG["vocab_size"], CONFIG["hidden_size"])
        self.layers = nn.ModuleList(Layer() for _ in range(CONFIG["num_hidden_layers"]))
        self.norm_f = RmsNorm()
        nn.init.normal_(self.embeddings.weight, std=0.02)


class Mamba(nn.Module):
    """Module names give the tensor names of Hugging Face's MambaForCausalLM; the output head is the embedding."""

    def __init__(self):
        super().__init__()
        self.backbone = Backbone()

    def forward(self, tokens):
        x = self.backbone.embeddings(tokens.t())
        for layer in self.backbone.layers:
            x = layer(x)
        return nn.functional.linear(self.backbone.norm_f(x), self.backbone.embeddings.weight).transpose(0, 1)


def check():
    """The gradient of the scan against that of its definition, in double precision, over more than one chunk."""
    torch.manual_seed(0)
    time, batch, channels, states = 2 * CHUNK + 3, 2, 5, 3
    shapes = ((time, batch, channels), (time, batch, channels), (states, channels), (time, batch, states), (time, batch, states))
    values = [torch.randn(shape).double() for shape in shapes]
    values[1], values[2] = values[1].exp(), -values[2].exp()

    def plain(u, delta, a, b, c):
        h, y = torch.zeros(batch, states, channels).double(), []
        for t in range(time):
            h = torch.exp(delta[t][:, None] * a) * h + b[t][..., None] * (delta[t] * u[t])[:, None]
            y.append((c[t][..., None] * h).sum(1))
        return torch.stack(y)

    weight, worst, gradients = torch.randn(shapes[0]).double(), 0.0, []
    for function in (plain, SelectiveScan.apply):
        leaves = [v.clone().requires_grad_() for v in values]
        (function(*leaves) * weight).sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for name, expected, found in zip(("u", "delta", "A", "B", "C"), *gradients):
        difference = ((expected - found).abs().max() / expected.abs().max()).item()
        print(f"d{name}: largest difference {difference:.1e} of the largest gradient")
        worst = max(worst, difference)
    if not worst < 1e-12:
        raise SystemExit("the gradient of the selective scan is wrong")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", default=str(tiny_lm.MODELS / "tiny-mamba"))
    options = parser.parse_args()
    if options.check:
        raise SystemExit(check())
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # decaying states end there, where arithmetic is a hundred times slower
    torch.manual_seed(options.seed)
    model, context = Mamba(), CONFIG["max_position_embeddings"]
    tiny_lm.train(model, context=context, batch=8, minutes=options.minutes, learning_rate=2.5e-3, seed=options.seed)
    tiny_lm.publish(model, model.state_dict(), CONFIG, tiny_lm.Path(options.out), context)
