"""Prunes FOLDER/model, lets the packed model generate and runs one block of it, and prints what that cost: bench/model7b calls it.

prune_private_mb is the largest private memory (RssAnon) of pruning; the mapped weights are not private. generate_rss_mb is the largest
resident memory of generating, mapped pages included. The images of the weights are made once, by flow pack --image (image_s).
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROMPT, TOKENS = 128, 4
# A window of power over time is 1 ms: seconds are simulated.
SCENARIO = """name: model7b
fidelity: tlm
power_window_ns: 1000000
limits: {{wall_s: 3600, simulated_ms: 600000}}
workload:
{workload}
  model: packed.safetensors
"""
GENERATE = f"""  kind: generate
  prompt: {{text: model/tokens.safetensors, first: 0, count: {PROMPT}}}
  tokens: {TOKENS}
  stop_at_eos: false"""
BLOCK = f"""  kind: block
  block: 0
  tokens: {{text: model/tokens.safetensors, first: 0, count: {PROMPT}}}"""


def run(command):
    """Standard output, and a row of the table: seconds, of them on a processor, largest private and resident memory in MB."""
    with tempfile.TemporaryFile(mode="w+") as output:
        start = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=output)
        private = 0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    private = max(private, int(line.split()[1]) / 1024)
            time.sleep(0.02)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        print(text, file=sys.stderr)
        raise SystemExit(f"{command}: exit code {process.returncode}")
    return text, (seconds, usage.ru_utime + usage.ru_stime, private, usage.ru_maxrss / 1024)


def scenario(folder, name, workload):
    file = folder / f"{name}.yaml"
    file.write_text(SCENARIO.format(workload=workload))
    return ["run", file, "--out", folder / f"out-{name}"]


def main():
    flexcim, folder, blocks = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    model, packed = folder / "model", folder / "packed.safetensors"
    output, prune = run(
        [flexcim, "flow", "prune", model, "--calibration", model / "tokens.safetensors", "--context", "128", "--samples", "2",
         "--objective", "published", "--update", "none", "-o", packed, "--json", "--timing"])
    steps = json.loads(output)["seconds"]
    _, image = run([flexcim, "flow", "pack", packed, "--image", "flexcim_published"])
    output, generate = run([flexcim, *scenario(folder, "generate", GENERATE)])
    if "every output equals the golden model bit for bit" not in output:
        raise SystemExit("the generation differs from the golden model")
    _, block = run([flexcim, *scenario(folder, "block", BLOCK)])
    image_gb = sum(each.stat().st_size for each in folder.glob("*.image")) / 1e9
    print(f"{blocks} blocks, packed file {packed.stat().st_size / 1e9:.2f} GB, images {image_gb:.2f} GB, "
          f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<36} {'s':>8} {'processor s':>12} {'private MB':>11} {'resident MB':>12}")
    rows = {"flow prune, update none": prune, "flow pack --image": image, f"generate {PROMPT} + {TOKENS} tokens": generate,
            f"one block, {PROMPT} tokens": block}
    for name, (seconds, processor, private, resident) in rows.items():
        print(f"{name:<36} {seconds:>8.1f} {processor:>12.1f} {private:>11.0f} {resident:>12.0f}")
    print("of pruning: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()))
    print(json.dumps({"prune_s": round(prune[0], 1), "prune_private_mb": round(prune[2]), "image_s": round(image[0], 1),
                      "generate_s": round(generate[0], 1), "generate_rss_mb": round(generate[3]), "block_s": round(block[0], 2),
                      "prune_cpu_s": round(prune[1], 1), "image_cpu_s": round(image[1], 1),
                      "generate_cpu_s": round(generate[1], 1), "block_cpu_s": round(block[1], 2), "blocks": blocks}))


if __name__ == "__main__":
    main()
