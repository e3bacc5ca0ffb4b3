"""Training: the only folder that imports torch. `train` is its one door, and reads the maker's files before it imports anything heavy."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.config import PRESETS, TrainConfig
from vocation.dataset import Dataset, load
from vocation.errors import ConfigError, MissingExtra
from vocation.progress import Silent

_NEEDED = ("torch", "transformers", "sentence_transformers", "accelerate", "sklearn", "imblearn", "scipy", "onnx", "onnxscript", "safetensors")


@dataclass(frozen=True)
class TrainResult:
    """What a training run leaves: the bundle's folder, its metadata (metrics with intervals, history, samples), the data and the seconds it took."""

    folder: Path
    metadata: dict[str, Any]
    data: Dataset
    seconds: float

    @property
    def history(self) -> list[dict[str, float]]:
        """One entry for each epoch of the measured run: epoch, step, loss and accuracy of the training and the validation part."""
        return list(self.metadata["history"])


def train(
    data: Dataset | str | Path | Sequence[str | Path] | None = None,
    output: str | Path = "models",
    *,
    preset: str = "auto",
    config: TrainConfig | Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    with_defaults: bool = False,
    limit: int | None = None,
    resume: bool = False,
    progress: Silent | None = None,
) -> TrainResult:
    """Train on `data` (a folder, files, a Dataset that was loaded before, or None for the default data) and write a bundle to `output`.

    preset: "head" (frozen encoder, seconds), "full" (fine-tunes it) or "auto" (full where it takes at most two minutes here).
    config: a TrainConfig or a mapping with any of its keys. columns: contract column -> the maker's column. with_defaults: a missing kind of
    file is filled from the default data for the maker's careers. limit: at most that many rows. resume: go on with an interrupted full run.
    Raises VocationError for anything that the caller can mend.
    """
    start = time.monotonic()
    if preset not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}, found {preset!r}")
    settings = config if isinstance(config, TrainConfig) else TrainConfig.from_dict(config or {})
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("training", "train")
    progress = progress or Silent()
    if isinstance(data, Dataset):
        read = data
    else:
        read = load(data, columns, with_defaults, limit)
        progress.line(f"{read.report}\n")

    from vocation.training.run import Run  # torch and all that: seconds

    metadata = Run(read, Path(output), settings, resume, progress).carry_out(preset, start)
    return TrainResult(Path(output), metadata, read, time.monotonic() - start)


def complete(folder: str | Path) -> Path:
    """Make the serving files of a bundle from the guide's four files in `folder`; Needs the train extra."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise MissingExtra("completing a bundle from its PyTorch weights", "train")
    from vocation.training import completion

    return completion.complete(folder)


__all__ = ["TrainResult", "complete", "train"]
