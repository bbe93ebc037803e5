"""Runs `flexcim flow` on a model and prints what it cost: bench/flow calls it.

prune_mb_per_s counts the bytes of the blocks' weights over the time from the calibrated model to the finished file: figures, selection,
pruning, quantization, packing. The calibration itself is timed apart, for it depends on the text. private_mb is the largest private
memory (RssAnon) seen while it runs; the mapped weights are not private. The packed file goes to memory (/dev/shm) where there is
some, so that no disk is measured. compensate_mb_per_s is the same over the time of a pruning that compensates, with its own passes through the model. select_ms is one exact selection for 128 blocks and 12
candidates.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path


COMPENSATE_SAMPLES = 8  # of 128 tokens


def run(command):
    """Standard output, and the largest private memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    most = 0
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    most = max(most, int(line.split()[1]) / 1024)
        except OSError:
            break
        time.sleep(0.01)
    output = process.communicate()[0]
    if process.returncode != 0:
        raise SystemExit(process.returncode)
    return output, most


def block_megabytes(folder):
    """Bytes of the blocks' two-dimensional tensors, from the headers of the shards."""
    total = 0
    for path in folder.glob("model-*.safetensors"):
        with path.open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        for name, tensor in header.items():
            if ".layers." in name and len(tensor["shape"]) == 2:
                total += tensor["data_offsets"][1] - tensor["data_offsets"][0]
    return total / 1e6


def main():
    flexcim, folder, blocks = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else folder.parent) as scratch:
        figures = Path(scratch) / "figures.json"
        random.seed(1)
        figures.write_text(json.dumps({key: [random.random() for _ in range(128)] for key in ("outlier_ratio", "locality")}))
        select_ms = min(1000 * json.loads(run(
            [flexcim, "flow", "select", "--figures", str(figures), "--target", "0.6", "--json", "--timing", "--candidates",
             "1:2,2:2,1:4,2:4,3:4,4:4,1:8,2:8,4:8,8:8,4:16,8:16"])[0])["seconds"]["select"] for _ in range(5))
        packed = Path(scratch) / "packed.safetensors"
        prune = [flexcim, "flow", "prune", str(folder), "--calibration", str(folder / "tokens.safetensors"), "--context", "128",
                 "--objective", "published", "-o", str(packed), "--json", "--timing"]
        output, private_mb = run([*prune, "--samples", "2", "--update", "none"])
        seconds = json.loads(output)["seconds"]
        output, compensate_private_mb = run([*prune, "--samples", str(COMPENSATE_SAMPLES)])
        compensate_seconds = json.loads(output)["seconds"]["prune"]
        packed_mb = packed.stat().st_size / 1e6
    megabytes = block_megabytes(folder)
    rate = megabytes / (seconds["analyze"] + seconds["prune"])
    print(f"{blocks} blocks, {megabytes:.0f} MB of weights, packed file {packed_mb:.0f} MB, {os.cpu_count()} processors")
    print(f"{'calibration, 2 x 128 tokens':<36} {seconds['calibrate']:>8.2f} s")
    print(f"{'figures and selection':<36} {seconds['analyze']:>8.2f} s")
    print(f"{'pruning, quantization, packing':<36} {seconds['prune']:>8.2f} s")
    print(f"{'weights, without calibration':<36} {rate:>8.1f} MB/s")
    print(f"{'largest private memory':<36} {private_mb:>8.0f} MB")
    compensate_rate = megabytes / compensate_seconds
    print(f"{f'compensation, {COMPENSATE_SAMPLES} x 128 tokens':<36} {compensate_seconds:>8.1f} s")
    print(f"{'weights, compensated':<36} {compensate_rate:>8.1f} MB/s")
    print(f"{'largest private memory of that':<36} {compensate_private_mb:>8.0f} MB")
    print(f"{'selection, 128 blocks x 12':<36} {select_ms:>8.2f} ms")
    print(json.dumps({"prune_mb_per_s": round(rate, 1), "private_mb": round(private_mb), "select_ms": round(select_ms, 3),
                      "compensate_mb_per_s": round(compensate_rate, 2), "compensate_private_mb": round(compensate_private_mb),
                      "calibrate_s": round(seconds["calibrate"], 2), "blocks": blocks}))


if __name__ == "__main__":
    main()
