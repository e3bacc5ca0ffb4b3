"""Fine-tuning on a GPU: the default data with 16 and with 32 bits, and a part of it against the
CPU of the same machine. About five minutes on one GPU with 16 cores beside it.

    python benchmarks/gpu.py                  # without a GPU: the CPU's line alone

Every training is a process of its own with an empty cache, so that its seconds are those of a first
`vocation train --preset full`. The part is PART rows and one epoch: its seconds can be compared,
its accuracy says nothing. Prints a table; copy it with the machine into benchmarks/results.md.
Two GPUs: accelerate launch --num_processes 2 -m vocation.cli train --preset full
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from vocation.bundle import layout
from vocation.format import interval

PART = 1000  # rows


def row(device: str, precision: str, whole: bool) -> str:
    """Train once, and return the line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"VOCATION_CACHE": str(Path(folder, "cache"))}
        if device == "CPU":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        settings = f"precision={precision}" + ("" if whole else ",num_epochs=1,min_steps=1")
        command = [sys.executable, "-m", "vocation.cli", "train", "--preset", "full"]
        command += ["--output", f"{folder}/models", "--set", settings]
        command += [] if whole else ["--limit", str(PART)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        said = json.loads(Path(folder, "models", layout.METADATA).read_text("utf-8"))
    test = said["metrics"]["test"]
    cells = [
        said["device"],
        precision,
        f"{said['dataset']['rows']:,}{'' if whole else ', one epoch'}",
        f"{said['training_seconds']:.0f} s",
        *(interval(test[name]) if whole else "" for name in ("accuracy", "top_3")),
        f"{test['calibration_error']:.3f}" if whole else "",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    trainings = [("CPU", "float32", False)]
    if torch.cuda.is_available():
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}\n")
        gpu = [("GPU", "auto", True), ("GPU", "float32", True), ("GPU", "auto", False)]
        trainings = [*gpu, *trainings]
    else:
        print(f"no GPU that PyTorch {torch.__version__} can use: the CPU alone\n")
    print("| device | precision | rows | training | top-1 | top-3 | calibration error |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for training in trainings:
        print(row(*training), flush=True)


if __name__ == "__main__":
    main()
