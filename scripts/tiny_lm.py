"""What the training scripts of the small byte-level language models share: the text, its split,
the training loop, the bits-per-byte measure and the Hugging Face files.

The text is the King James Bible of Debian's package bible-kjv (public domain), without verse numbers, one verse a
line and an empty line between chapters. Every 66th chapter is held out for evaluation, another every 66th for calibration;
the rest trains. A token is a byte.
"""
import json
import math
import re
import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import torch

MODELS = Path(__file__).resolve().parent.parent / "scenarios" / "models"
HELD_OUT_EVERY = 66  # chapters
HELD_OUT_BYTES = 64 * 1024
START_BYTES = 8 * 1024  # of the evaluation text: a part for quick checks


def chapters():
    """The chapters of the text, in order, each one string."""
    out = subprocess.run(["bible", "-f", "Gen1:1-Rev22:21"], check=True, capture_output=True, text=True).stdout
    found, last = [], None
    for line in out.splitlines():
        match = re.match(r"(\S+?\d+):(\d+) (.*)$", line)
        if not match:
            raise SystemExit(f"bible-kjv: a line without a verse number: {line!r}")
        if match[1] != last:
            found.append([])
            last = match[1]
        found[-1].append(match[3])
    return ["\n".join(verses) + "\n\n" for verses in found]


def split():
    """Training, calibration and evaluation bytes; the last two at most HELD_OUT_BYTES, and disjoint from the rest."""
    train, calibration, evaluation = [], [], []
    for index, chapter in enumerate(chapters()):
        where = {0: calibration, HELD_OUT_EVERY // 2: evaluation}.get(index % HELD_OUT_EVERY, train)
        where.append(chapter)
    encode = lambda parts: "".join(parts).encode("ascii")
    return encode(train), encode(calibration)[:HELD_OUT_BYTES], encode(evaluation)[:HELD_OUT_BYTES]


def bits_per_byte(model, text, context):
    """Windows of `context` bytes, each half a window after the last; a window scores the bytes that no earlier one did.

    So every byte but the first is scored once, with at least context/2 bytes before it (fewer only in the first window).
    """
    data = torch.from_numpy(np.frombuffer(text, dtype=np.uint8).astype(np.int64))
    total, scored, done = 0.0, 0, 1
    model.eval()
    with torch.no_grad():
        start = 0
        while done < len(data):
            window = data[start:start + context]
            logits = model(window[None, :-1])[0].double()
            losses = torch.nn.functional.cross_entropy(logits, window[1:], reduction="none")
            fresh = losses[done - start - 1:]
            total += fresh.sum().item()
            scored += len(fresh)
            done = start + len(window)
            start += context // 2
    model.train()
    return total / scored / math.log(2)


def train(model, *, context, batch, minutes, learning_rate, seed, warmup=100):
    """AdamW with a linear decay to zero over the given wall time, so that any machine ends with a finished model."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    train_text, _, evaluation = split()
    data = np.frombuffer(train_text, dtype=np.uint8)
    decay = [p for p in model.parameters() if p.dim() >= 2]
    rest = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], betas=(0.9, 0.95))
    begin, step, average = time.time(), 0, None
    while (spent := (time.time() - begin) / (60 * minutes)) < 1:
        rate = learning_rate * min((step + 1) / warmup, 1.0 - spent)
        for group in optimizer.param_groups:
            group["lr"] = rate
        starts = generator.integers(0, len(data) - context - 1, size=batch)
        chunk = torch.from_numpy(np.stack([data[s:s + context + 1] for s in starts]).astype(np.int64))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(chunk[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.float().reshape(-1, logits.shape[-1]), chunk[:, 1:].reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        bits = loss.item() / math.log(2)
        average = bits if average is None else 0.98 * average + 0.02 * bits
        step += 1
        if step % 50 == 0:
            epochs = step * batch * context / len(data)
            print(f"step {step}  epochs {epochs:.2f}  {100 * spent:.0f} %  training {average:.3f} bits per byte", flush=True)
        if step % 500 == 0:
            print(f"  unseen text (first 16 KiB): {bits_per_byte(model, evaluation[:16384], context):.4f}", flush=True)
    return step


def save_safetensors(path, tensors):
    """Writes name -> tensor as F16 in the safetensors layout: length of the header, header, data."""
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for name, tensor in tensors.items():
        blob = tensor.detach().to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def publish(model, tensors, config, folder, context):
    """Writes the model as Hugging Face does, measured after rounding to F16, and the two held-out texts beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(torch.float16).float())
    _, calibration, evaluation = split()
    measured = bits_per_byte(model, evaluation, context)
    save_safetensors(folder / "model.safetensors", tensors)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "calibration.txt").write_bytes(calibration)
    (folder / "evaluation.txt").write_bytes(evaluation)
    start = bits_per_byte(model, evaluation[:START_BYTES], context)
    (folder / "training.json").write_text(json.dumps(
        {"bits_per_byte": measured, "context": context, "evaluation_bytes": len(evaluation),
         "start": {"bits_per_byte": start, "evaluation_bytes": START_BYTES}}, indent=2) + "\n")
    print(f"{folder.name}: {sum(t.numel() for t in tensors.values())} parameters, "
          f"{measured:.4f} bits per byte on unseen text")
