"""Peers whose packages do not go with vocation's: an environment each in benchmarks/.envs, a script
each, files in between.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from peers.here import Answer
from peers.tasks import Task

from vocation.training.encoder import base_models

ENVIRONMENTS = Path(__file__).parents[1] / ".envs"
PACKAGES = {
    "model2vec": ("model2vec[train,distill,quantization]==0.10.0", "transformers<5.4"),
    "setfit": ("setfit==1.2.0",),
}
HOUR = 3600


class UnavailableError(Exception):
    """The peer cannot be installed on this machine."""


def prepare(name: str) -> Path:
    """The Python of the environment `name`, built where it is missing. Raises UnavailableError."""
    folder = ENVIRONMENTS / name
    python, ready = folder / "bin" / "python", folder / "ready.txt"
    wanted = " ".join(PACKAGES[name])
    if ready.is_file() and ready.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    torch = (  # first and alone, so that the kind of build is the one here
        f"torch=={version('torch').partition('+')[0]}"
    )
    try:
        _run([sys.executable, "-m", "venv", str(folder)])
        for packages in ((torch,), PACKAGES[name]):
            _run([str(python), "-m", "pip", "install", "-q", *packages])
    except RuntimeError as error:
        raise UnavailableError(f"its environment cannot be built here: {error}") from None
    ready.write_text(wanted)
    return python


def elsewhere(task: Task, name: str) -> Answer:
    """What the script in_NAME.py answers within its environment."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "task.json", Path(folder) / "answer.npz"
        content = {
            "base": str(base_models.resolve(base_models.DEFAULT)),
            "classes": task.classes,
            "test_texts": task.test_texts,
        }
        asked.write_text(
            json.dumps(
                {
                    **content,
                    "train_texts": task.train_texts,
                    "train_labels": task.train_labels.tolist(),
                }
            )
        )
        _run(
            [
                str(prepare(name)),
                str(Path(__file__).parent / f"in_{name}.py"),
                str(asked),
                str(answered),
            ]
        )
        with np.load(answered) as stored:
            return stored["probabilities"].astype(float), None


def _run(command: list[str]) -> None:
    """Raises RuntimeError with the last line that the command said."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
        "HF_HUB_OFFLINE": "1"
    }
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=clean, timeout=HOUR
    )
    if done.returncode:
        raise RuntimeError(
            (
                done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}"
            ).splitlines()[-1][:200]
        )
