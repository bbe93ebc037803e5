"""Small random models of every family that flow/model reads, and their logits by PyTorch, in double: a second implementation, written from
the definitions, to compare the program with (check_reference_models.py).

A model is a config.json, its tensors, and variants: names of changes to the config that leave the tensors as they are.
"""
import math

import numpy as np
import torch
from torch.nn import functional

MISSING = object()  # the value of a key that a variant takes out


def bfloat16(values):
    """The nearest BF16 numbers, as their bits."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def f8_values(exponent_bits):
    """What the 256 bytes of an 8-bit float stand for: E4M3 (one NaN, no infinity) or E5M2 (as IEEE 754)."""
    mantissa_bits, bias = 7 - exponent_bits, 2 ** (exponent_bits - 1) - 1
    values = np.zeros(256)
    for byte in range(256):
        exponent, mantissa = byte >> mantissa_bits & (1 << exponent_bits) - 1, byte & (1 << mantissa_bits) - 1
        size = (mantissa / 2**mantissa_bits) * 2.0 ** (1 - bias) if exponent == 0 else (
            1 + mantissa / 2**mantissa_bits) * 2.0 ** (exponent - bias)
        if exponent_bits == 4 and byte & 0x7F == 0x7F or exponent_bits == 5 and exponent == 31:
            size = math.nan
        values[byte] = -size if byte & 0x80 else size
    return values


class Model:
    """stored: name -> (dtype of safetensors, array); values: what the reference computes with, in double."""

    def __init__(self, config, random):
        self.config, self.random = config, random
        self.stored, self.values, self.variants = {}, {}, {"": {}}

    def add(self, name, *shape, spread=1.0, centre=0.0):
        bits = bfloat16(centre + spread * self.random.uniform(-1, 1, shape))
        self.stored[name] = ("BF16", bits)
        self.values[name] = torch.from_numpy((bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64))

    def linear(self, name, out, inputs, bias=False):
        self.add(name + ".weight", out, inputs, spread=1.7 / math.sqrt(inputs))
        if bias:
            self.add(name + ".bias", out, spread=0.5)

    def norm(self, name, size, bias=False):
        self.add(name + ".weight", size, spread=0.5, centre=1.0)
        if bias:
            self.add(name + ".bias", size, spread=0.5)

    def quantize(self, name, dtype, scale_name, block):
        """Stores a linear's weights as 8-bit numbers with a scale for each block (rows, columns) of them."""
        weights = self.values[name + ".weight"].numpy()
        rows, columns = (-(-size // side) for size, side in zip(weights.shape, block))
        scales = np.zeros((rows, columns), dtype=np.float32)
        each = np.zeros_like(weights)
        largest = {"I8": 127.0, "F8_E4M3": 448.0, "F8_E5M2": 57344.0}[dtype]
        for r in range(rows):
            for c in range(columns):
                place = np.s_[r * block[0]:(r + 1) * block[0], c * block[1]:(c + 1) * block[1]]
                scales[r, c] = np.float32(np.abs(weights[place]).max() / largest)
                each[place] = scales[r, c]
        if dtype == "I8":
            codes = np.clip(np.rint(weights / each), -127, 127).astype(np.int8)
            decoded = codes.astype(np.float64)
        else:
            table = f8_values(4 if dtype == "F8_E4M3" else 5)
            order = np.argsort(np.where(np.isnan(table), np.inf, table), kind="stable")[:np.isfinite(table).sum()]
            # Any of the numbers near by would do.
            place = np.clip(np.searchsorted(table[order], weights / each), 0, len(order) - 1)
            codes = order[place].astype(np.uint8)
            decoded = table[codes]
        self.stored[name + ".weight"] = (dtype, codes)
        self.stored[name + scale_name] = ("F32", scales)
        self.values[name + ".weight"] = torch.from_numpy((decoded * each))

    def configuration(self, variant):
        config = {**self.config, **self.variants[variant]}
        return {key: value for key, value in config.items() if value is not MISSING}

    def logits(self, variant, tokens):
        config = self.configuration(variant)
        forward = {"opt": opt, "mamba": mamba, "falcon_mamba": mamba}.get(config["model_type"], rotary_decoder)
        return forward(config, self.values, torch.tensor(tokens, dtype=torch.long)).float().numpy()


# The reference: what each family computes.


def linear(w, name, x):
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def rms_norm(x, weight, epsilon):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon) * weight


def attend(q, k, v, window):
    """q: [heads, tokens, head]; k, v: [kv heads, tokens, head]; a token sees the last `window` up to itself. [tokens, heads * head]"""
    repeat = q.shape[0] // k.shape[0]
    k, v = k.repeat_interleave(repeat, 0), v.repeat_interleave(repeat, 0)
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    distance = torch.arange(q.shape[1])[:, None] - torch.arange(q.shape[1])[None, :]
    scores = scores.masked_fill((distance < 0) | (distance >= window), -math.inf)
    return (torch.softmax(scores, -1) @ v).transpose(0, 1).reshape(q.shape[1], -1)


def heads(x, head):
    return x.reshape(x.shape[0], -1, head).transpose(0, 1)


def inverse_frequencies(config, head, length):
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    base = config.get("rope_theta", scaling.get("rope_theta", 10000.0))
    longest = config["max_position_embeddings"]
    if kind == "dynamic" and length > longest:
        base *= ((scaling["factor"] * length / longest) - (scaling["factor"] - 1))**(head / (head - 2))
    frequency = 1.0 / base**(torch.arange(0, head, 2, dtype=torch.float64) / head)
    if kind == "linear":
        frequency = frequency / scaling["factor"]
    if kind == "llama3":
        low, high, old = (scaling[key] for key in ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings"))
        wavelength = 2 * math.pi / frequency
        smooth = (old / wavelength - low) / (high - low)
        blended = (1 - smooth) * frequency / scaling["factor"] + smooth * frequency
        frequency = torch.where(wavelength > old / low, frequency / scaling["factor"],
                                torch.where(wavelength < old / high, frequency, blended))
    return frequency


def rotate(x, frequency):
    angle = torch.arange(x.shape[1], dtype=torch.float64)[:, None] * frequency[None, :]
    cosine, sine = torch.cos(angle).repeat(1, 2), torch.sin(angle).repeat(1, 2)
    half = x.shape[2] // 2
    return x * cosine + torch.cat((-x[..., half:], x[..., :half]), -1) * sine


def window_of(config, block, length):
    window = config.get("sliding_window", 4096)
    if config["model_type"] == "llama" or window is None:
        return length
    if config["model_type"] == "mistral":
        return window
    if not config.get("use_sliding_window", False):
        return length
    if "layer_types" in config:
        return window if config["layer_types"][block] == "sliding_attention" else length
    return window if block >= config.get("max_window_layers", 28) else length


def rotary_decoder(config, w, tokens):
    epsilon, head = config["rms_norm_eps"], config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    frequency = inverse_frequencies(config, head, len(tokens))
    x = w["model.embed_tokens.weight"][tokens]
    for block in range(config["num_hidden_layers"]):
        name = f"model.layers.{block}."
        h = rms_norm(x, w[name + "input_layernorm.weight"], epsilon)
        q, k, v = (heads(linear(w, name + f"self_attn.{part}_proj", h), head) for part in "qkv")
        if config["model_type"] == "qwen3":
            q = rms_norm(q, w[name + "self_attn.q_norm.weight"], epsilon)
            k = rms_norm(k, w[name + "self_attn.k_norm.weight"], epsilon)
        mixed = attend(rotate(q, frequency), rotate(k, frequency), v, window_of(config, block, len(tokens)))
        x = x + linear(w, name + "self_attn.o_proj", mixed)
        h = rms_norm(x, w[name + "post_attention_layernorm.weight"], epsilon)
        x = x + linear(w, name + "mlp.down_proj",
                       functional.silu(linear(w, name + "mlp.gate_proj", h)) * linear(w, name + "mlp.up_proj", h))
    head_weights = "model.embed_tokens.weight" if config.get("tie_word_embeddings", False) else "lm_head.weight"
    return rms_norm(x, w["model.norm.weight"], epsilon) @ w[head_weights].T


def opt(config, w, tokens):
    first = config.get("do_layer_norm_before", True)

    def norm(name, x):
        return functional.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], 1e-5)

    head = config["hidden_size"] // config["num_attention_heads"]
    x = w["model.decoder.embed_tokens.weight"][tokens] + w["model.decoder.embed_positions.weight"][2:2 + len(tokens)]
    for block in range(config["num_hidden_layers"]):
        name = f"model.decoder.layers.{block}."
        h = norm(name + "self_attn_layer_norm", x) if first else x
        q, k, v = (heads(linear(w, name + f"self_attn.{part}_proj", h), head) for part in "qkv")
        x = x + linear(w, name + "self_attn.out_proj", attend(q, k, v, len(tokens)))
        x = x if first else norm(name + "self_attn_layer_norm", x)
        h = norm(name + "final_layer_norm", x) if first else x
        x = x + linear(w, name + "fc2", torch.relu(linear(w, name + "fc1", h)))
        x = x if first else norm(name + "final_layer_norm", x)
    if first:
        x = norm("model.decoder.final_layer_norm", x)
    return x @ w["model.decoder.embed_tokens.weight"].T


def mamba(config, w, tokens):
    inner, states, rank = config["intermediate_size"], config["state_size"], config["time_step_rank"]
    x = w["backbone.embeddings.weight"][tokens]
    for block in range(config["num_hidden_layers"]):
        name = f"backbone.layers.{block}."
        both = linear(w, name + "mixer.in_proj", rms_norm(x, w[name + "norm.weight"], config["layer_norm_epsilon"]))
        u, gate = both[:, :inner], both[:, inner:]
        padded = functional.pad(u.T[None], (config["conv_kernel"] - 1, 0))
        u = functional.conv1d(padded, w[name + "mixer.conv1d.weight"], w.get(name + "mixer.conv1d.bias"), groups=inner)[0].T
        u = functional.silu(u)
        step, b, c = torch.split(linear(w, name + "mixer.x_proj", u), (rank, states, states), -1)
        if config["model_type"] == "falcon_mamba":
            step, b, c = (rms_norm(part, 1.0, config.get("mixer_rms_eps", 1e-6)) for part in (step, b, c))
        delta = functional.softplus(linear(w, name + "mixer.dt_proj", step))
        a = -torch.exp(w[name + "mixer.A_log"])
        state, rows = torch.zeros(inner, states, dtype=torch.float64), []
        for t in range(len(tokens)):
            state = torch.exp(delta[t][:, None] * a) * state + delta[t][:, None] * b[t][None, :] * u[t][:, None]
            rows.append(state @ c[t] + w[name + "mixer.D"] * u[t])
        x = x + linear(w, name + "mixer.out_proj", torch.stack(rows) * functional.silu(gate))
    head_weights = "backbone.embeddings.weight" if config.get("tie_word_embeddings", True) else "lm_head.weight"
    return rms_norm(x, w["backbone.norm_f.weight"], config["layer_norm_epsilon"]) @ w[head_weights].T


# The models. `sizes` are the dimensions in config.json of their kind.


def make_decoder(random, architecture, sizes, tied=False, qkv_bias=False, out_bias=False, mlp_bias=False, head_norms=False, **keys):
    config = {"architectures": [architecture + "ForCausalLM"], "model_type": architecture.lower(), "hidden_act": "silu",
              "rms_norm_eps": 1e-5, "rope_theta": 100.0, "tie_word_embeddings": tied, **sizes, **keys}
    if architecture == "Llama":
        config.update(attention_bias=qkv_bias, mlp_bias=mlp_bias)
    model, hidden, head, inner = Model(config, random), config["hidden_size"], config["head_dim"], config["intermediate_size"]
    queries, shared = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    model.add("model.embed_tokens.weight", config["vocab_size"], hidden)
    model.norm("model.norm", hidden)
    if not tied:
        model.linear("lm_head", config["vocab_size"], hidden)
    for block in range(config["num_hidden_layers"]):
        name = f"model.layers.{block}."
        model.norm(name + "input_layernorm", hidden)
        model.norm(name + "post_attention_layernorm", hidden)
        if head_norms:
            model.norm(name + "self_attn.q_norm", head)
            model.norm(name + "self_attn.k_norm", head)
        model.linear(name + "self_attn.q_proj", queries, hidden, qkv_bias)
        model.linear(name + "self_attn.k_proj", shared, hidden, qkv_bias)
        model.linear(name + "self_attn.v_proj", shared, hidden, qkv_bias)
        model.linear(name + "self_attn.o_proj", hidden, queries, out_bias)
        model.linear(name + "mlp.gate_proj", inner, hidden, mlp_bias)
        model.linear(name + "mlp.up_proj", inner, hidden, mlp_bias)
        model.linear(name + "mlp.down_proj", hidden, inner, mlp_bias)
    return model


def make_opt(random, sizes, biases=True, norm_first=True):
    config = {"architectures": ["OPTForCausalLM"], "model_type": "opt", "activation_function": "relu", "enable_bias": biases,
              "do_layer_norm_before": norm_first, "word_embed_proj_dim": sizes["hidden_size"], **sizes}
    model, hidden = Model(config, random), config["hidden_size"]
    model.add("model.decoder.embed_tokens.weight", config["vocab_size"], hidden)
    model.add("model.decoder.embed_positions.weight", config["max_position_embeddings"] + 2, hidden)
    if norm_first:
        model.norm("model.decoder.final_layer_norm", hidden, True)
    for block in range(config["num_hidden_layers"]):
        name = f"model.decoder.layers.{block}."
        model.norm(name + "self_attn_layer_norm", hidden, True)
        model.norm(name + "final_layer_norm", hidden, True)
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            model.linear(name + "self_attn." + part, hidden, hidden, biases)
        model.linear(name + "fc1", config["ffn_dim"], hidden, biases)
        model.linear(name + "fc2", hidden, config["ffn_dim"], biases)
    return model


def make_mamba(random, architecture="Mamba", sizes=None, bias=False, conv_bias=True, tied=True, **keys):
    config = {"architectures": [architecture + "ForCausalLM"], "model_type": {"Mamba": "mamba"}.get(architecture, "falcon_mamba"),
              "layer_norm_epsilon": 1e-5, "hidden_act": "silu", "use_bias": bias, "use_conv_bias": conv_bias,
              "tie_word_embeddings": tied, **sizes, **keys}
    model, hidden, inner, rank = Model(config, random), config["hidden_size"], config["intermediate_size"], config["time_step_rank"]
    model.add("backbone.embeddings.weight", config["vocab_size"], hidden)
    model.norm("backbone.norm_f", hidden)
    if not tied:
        model.linear("lm_head", config["vocab_size"], hidden)
    for block in range(config["num_hidden_layers"]):
        name = f"backbone.layers.{block}."
        model.norm(name + "norm", hidden)
        model.linear(name + "mixer.in_proj", 2 * inner, hidden, bias)
        model.add(name + "mixer.conv1d.weight", inner, 1, config["conv_kernel"], spread=0.6)
        if conv_bias:
            model.add(name + "mixer.conv1d.bias", inner, spread=0.3)
        model.linear(name + "mixer.x_proj", rank + 2 * config["state_size"], inner)
        model.linear(name + "mixer.dt_proj", inner, rank)
        model.add(name + "mixer.dt_proj.bias", inner, centre=-1.0)
        model.add(name + "mixer.A_log", inner, config["state_size"])
        model.add(name + "mixer.D", inner, spread=0.5, centre=1.0)
        model.linear(name + "mixer.out_proj", hidden, inner, bias)
    return model


def llama(random, sizes):
    model = make_decoder(random, "Llama", sizes)
    longest = sizes["max_position_embeddings"]
    model.variants.update({
        "linear": {"rope_scaling": {"type": "linear", "factor": 2.5}},
        "dynamic": {"max_position_embeddings": longest // 2, "rope_scaling": {"rope_type": "dynamic", "factor": 3.0}},
        "llama3": {"rope_theta": MISSING,
                   "rope_parameters": {"rope_type": "llama3", "rope_theta": 10.0, "factor": 4.0, "low_freq_factor": 0.5,
                                       "high_freq_factor": 2.0, "original_max_position_embeddings": longest // 2}}})
    return model


def mistral(random, sizes):
    model = make_decoder(random, "Mistral", sizes, sliding_window=5)
    model.variants.update({"null": {"sliding_window": None}, "missing": {"sliding_window": MISSING}})
    return model


def qwen2(random, sizes):
    model = make_decoder(random, "Qwen2", sizes, tied=True, qkv_bias=True, use_sliding_window=False, sliding_window=6, max_window_layers=1)
    model.variants["window"] = {"use_sliding_window": True}
    return model


def qwen3(random, sizes):
    model = make_decoder(random, "Qwen3", sizes, head_norms=True, attention_bias=False)
    types = ["sliding_attention"] + ["full_attention"] * (sizes["num_hidden_layers"] - 1)
    model.variants["window"] = {"use_sliding_window": True, "sliding_window": 7, "layer_types": types}
    return model


def llama_int8(random, sizes):
    """A scale for each output channel, as compressed-tensors writes it."""
    model = make_decoder(random, "Llama", sizes)
    weights = {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel", "dynamic": False}
    model.config["quantization_config"] = {
        "quant_method": "compressed-tensors", "format": "int-quantized", "ignore": ["lm_head"], "kv_cache_scheme": None,
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights, "input_activations": None}}}
    quantize_linears(model, "I8", ".weight_scale", (1, 1 << 20))
    return model


def llama_f8(random, sizes):
    """A scale for each block of weights, as transformers writes fp8."""
    model = make_decoder(random, "Llama", sizes)
    model.config["quantization_config"] = {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3",
                                           "weight_block_size": [6, 5], "modules_to_not_convert": ["lm_head"]}
    quantize_linears(model, "F8_E4M3", ".weight_scale_inv", (6, 5))
    return model


def quantize_linears(model, dtype, scale_name, block):
    for name in [name[:-len(".weight")] for name in model.stored if "_proj.weight" in name]:
        model.quantize(name, dtype, scale_name, block)


DECODER = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
           "head_dim": 4, "vocab_size": 16, "max_position_embeddings": 32}
OPT = {"hidden_size": 9, "ffn_dim": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "vocab_size": 16,
       "max_position_embeddings": 32}
MAMBA = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "state_size": 3, "conv_kernel": 4,
         "time_step_rank": 5, "vocab_size": 16}


def random_sizes(sizes, random):
    """Other dimensions of the same kind."""
    def pick(*choices):
        return int(random.choice(choices))
    shared, layers = pick(1, 2, 3), pick(2, 3)
    some = {"num_hidden_layers": layers, "vocab_size": pick(50, 77), "hidden_size": pick(30, 36, 48) if sizes is OPT else pick(20, 33)}
    if sizes is DECODER:
        some.update(num_key_value_heads=shared, num_attention_heads=shared * pick(1, 2, 3), head_dim=pick(4, 6, 18))
    if sizes is MAMBA:
        some.update(conv_kernel=pick(2, 3, 4), state_size=pick(4, 16), time_step_rank=pick(2, 7))
    some["ffn_dim" if sizes is OPT else "intermediate_size"] = pick(37, 70)
    if sizes is not MAMBA:
        some["max_position_embeddings"] = pick(64, 100)
    return {**sizes, **some}


def plain(make, *arguments, **keys):
    return lambda random, sizes: make(random, *arguments, sizes=sizes, **keys)


MODELS = {  # name -> (function of random generator and sizes, sizes of the fixture)
    "llama": (llama, DECODER),
    "llama_biases": (plain(make_decoder, "Llama", tied=True, qkv_bias=True, out_bias=True, mlp_bias=True), DECODER),
    "llama_int8": (llama_int8, DECODER),
    "llama_f8": (llama_f8, DECODER),
    "mistral": (mistral, DECODER),
    "qwen2": (qwen2, DECODER),
    "qwen3": (qwen3, DECODER),
    "opt": (plain(make_opt), OPT),
    "opt_norm_last": (plain(make_opt, biases=False, norm_first=False), OPT),
    "mamba": (plain(make_mamba, bias=True, conv_bias=False), MAMBA),
    "falcon_mamba": (plain(make_mamba, "FalconMamba", tied=False, mixer_rms_eps=1e-5), MAMBA),
}
