#!/usr/bin/python3
"""Trains the byte-level Llama model that ships in scenarios/models/tiny-llama.

Needs Debian's python3-torch, libopenblas0-pthread (without it a hundred times slower) and bible-kjv.
About 40 minutes on two cores: scripts/train_tiny_llama.py [--minutes 40]
"""
import argparse

import torch
from torch import nn

import tiny_lm

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 6,
    "num_attention_heads": 6,
    "num_key_value_heads": 3,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "vocab_size": 256,
    "bos_token_id": None,
    "eos_token_id": None,
    "torch_dtype": "float16",
}


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"]))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        hidden, self.heads, self.kv_heads = (CONFIG[k] for k in ("hidden_size", "num_attention_heads", "num_key_value_heads"))
        self.head = hidden // self.heads
        self.q_proj = nn.Linear(hidden, hidden, bias=False)
        self.k_proj = nn.Linear(hidden, self.kv_heads * self.head, bias=False)
        self.v_proj = nn.Linear(hidden, self.kv_heads * self.head, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x, cos, sin, mask):
        b, t, _ = x.shape
        split = lambda y: y.view(b, t, -1, self.head).transpose(1, 2)
        rotate = lambda y: y * cos + torch.cat((-y[..., self.head // 2:], y[..., :self.head // 2]), -1) * sin
        q, k, v = rotate(split(self.q_proj(x))), rotate(split(self.k_proj(x))), split(self.v_proj(x))
        share = self.heads // self.kv_heads
        k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
        weights = torch.softmax(q @ k.transpose(-1, -2) / self.head ** 0.5 + mask, -1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(b, t, -1))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        hidden, inner = CONFIG["hidden_size"], CONFIG["intermediate_size"]
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.down_proj(nn.functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm = RmsNorm(CONFIG["hidden_size"])
        self.self_attn = Attention()
        self.post_attention_layernorm = RmsNorm(CONFIG["hidden_size"])
        self.mlp = Mlp()

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(CONFIG["vocab_size"], CONFIG["hidden_size"])
        self.layers = nn.ModuleList(Layer() for _ in range(CONFIG["num_hidden_layers"]))
        self.norm = RmsNorm(CONFIG["hidden_size"])


class Llama(nn.Module):
    """Module names give the tensor names of Hugging Face's LlamaForCausalLM."""

    def __init__(self):
        super().__init__()
        self.model = Model()
        self.lm_head = nn.Linear(CONFIG["hidden_size"], CONFIG["vocab_size"], bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                last = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=0.02 if not last else 0.02 / (2 * CONFIG["num_hidden_layers"]) ** 0.5)

    def forward(self, tokens):
        length, head = tokens.shape[1], CONFIG["hidden_size"] // CONFIG["num_attention_heads"]
        frequency = CONFIG["rope_theta"] ** (-torch.arange(0, head, 2).float() / head)
        angle = torch.arange(length).float()[:, None] * torch.cat((frequency, frequency))[None]
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.model.embed_tokens(tokens)
        for layer in self.model.layers:
            x = layer(x, angle.cos(), angle.sin(), mask)
        return self.lm_head(self.model.norm(x))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=str(tiny_lm.MODELS / "tiny-llama"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model, context = Llama(), CONFIG["max_position_embeddings"]
    tiny_lm.train(model, context=context, batch=16, minutes=options.minutes, learning_rate=3e-3, seed=options.seed)
    tiny_lm.publish(model, model.state_dict(), CONFIG, tiny_lm.Path(options.out), context)
