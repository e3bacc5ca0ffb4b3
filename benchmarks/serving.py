"""What an answer costs, and what torch would cost in the same run: fresh process, warm latency,
memory, sizes, training time, download.

    python benchmarks/serving.py [--bundle models] [--train] [--download]

Needs the train extra for the comparison. Prints a table; copy it with the command and the machine
into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (
    "I love programming and building web applications with Python and JavaScript, and I would like"
    " to work in a small team."
)
ROUNDS = 500

OURS = """
import json, resource, sys, time
from vocation.serving.recommend import Recommender
recommender = Recommender.load(sys.argv[1], threads=2)
text = sys.argv[2]
recommender.recommend(text)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    recommender.recommend(text)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"memory": memory, "seconds": seconds}))
"""

TORCH = """
import json, resource, sys, time
import torch
torch.set_num_threads(2)
from sentence_transformers import SentenceTransformer
from vocation.training.encoder import base_models
model = SentenceTransformer(str(base_models.resolve(base_models.DEFAULT)), device="cpu")
text = sys.argv[2]
model.encode(text, show_progress_bar=False)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    model.encode(text, show_progress_bar=False)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"memory": memory, "seconds": seconds}))
"""


def warm(code: str, bundle: Path) -> tuple[float, float, float]:
    """Median and 95th percentile in ms, memory after the first answer in MB."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle), TEXT, str(ROUNDS)],
        capture_output=True,
        text=True,
        check=True,
    )
    value = json.loads(done.stdout.splitlines()[-1])
    ordered = sorted(value["seconds"])
    return (
        statistics.median(ordered) * 1000,
        ordered[int(0.95 * len(ordered))] * 1000,
        value["memory"],
    )


def fresh(command: list[str], rounds: int = 10) -> float:
    """Median seconds of a whole process, the first one (cold disk cache) left out."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def download_mb(extras: str) -> float:
    """What pip would fetch for a fresh install of the base with `extras`."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "-d", folder, f"{ROOT}[{extras}]"],
            check=True,
        )
        return sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6


def training_seconds() -> float:
    """`vocation train` on the default data with `auto`, nothing cached."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "vocation.cli", "train", "--output", f"{folder}/models"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env={**os.environ, "VOCATION_CACHE": f"{folder}/cache"},
        )
        return time.perf_counter() - start


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--train", action="store_true", help="also time training from nothing")
    arguments.add_argument(
        "--download", action="store_true", help="also ask the package index for the install size"
    )
    args = arguments.parse_args()
    from vocation.bundle import layout

    cli = [sys.executable, "-m", "vocation.cli", "recommend", "--bundle", str(args.bundle), TEXT]
    one_torch = [sys.executable, "-c", TORCH, str(args.bundle), TEXT, "1"]
    ours, torch = warm(OURS, args.bundle), warm(TORCH, args.bundle)
    sizes = {
        name: (args.bundle / name).stat().st_size / 1e6
        for name in (*layout.SERVING, layout.MANIFEST, layout.ZIP)
    }
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, two"
        f" threads, text of {len(TEXT.split())} words\n"
    )
    print("| what | vocation | torch + sentence-transformers |\n|---|---|---|")
    print(f"| fresh process to first answer | {fresh(cli):.2f} s | {fresh(one_torch, 3):.2f} s |")
    print(
        f"| one text, warm, median / p95 | {ours[0]:.2f} / {ours[1]:.2f} ms | {torch[0]:.2f} /"
        f" {torch[1]:.2f} ms (encoder alone) |"
    )
    print(f"| memory after the first answer | {ours[2]:.0f} MB | {torch[2]:.0f} MB |")
    serving = sum(size for name, size in sizes.items() if name != layout.ZIP)
    print(
        f"| {layout.ZIP} / the part that serving reads | {sizes[layout.ZIP]:.1f} / {serving:.1f}"
        " MB | |"
    )
    if args.train:
        print(f"| default training, auto, nothing cached | {training_seconds():.0f} s | |")
    if args.download:
        print(f"| base + app install, to download | {download_mb('app'):.0f} MB | |")


if __name__ == "__main__":
    main()
