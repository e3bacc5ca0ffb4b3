"""A tiny classifier trained by the real loop, on four separate clouds of points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from vocation.config import TrainConfig
from vocation.progress import NullProgress
from vocation.training.batches import Examples
from vocation.training.encoder.network import Classifier, HeadOnly
from vocation.training.loop import fit

CONFIG = TrainConfig(batch_size=16, min_steps=0, patience=50)
STEPS = 24  # six epochs of 64 rows, four steps each
Weights = dict[str, torch.Tensor]


def blobs(spread: float = 0.3) -> Examples:
    """64 points in 8 dimensions around four corners, with the standard deviation `spread`."""
    rng = np.random.default_rng(0)
    labels = torch.arange(64) % 4
    noise = rng.normal(0, spread, (64, 8))
    vectors = torch.tensor(noise + np.eye(4, 8)[labels], dtype=torch.float32)
    return Examples(64, lambda numbers: {"vectors": vectors[numbers], "labels": labels[numbers]})


def train(
    folder: Path | None,
    resume: bool = False,
    dropout: float = 0.3,
    progress: NullProgress | None = None,
) -> tuple[Weights, list[dict[str, float]]]:
    torch.manual_seed(0)
    model = HeadOnly(Classifier(8, 16, 4, dropout))
    history = fit(
        model,
        blobs(),
        blobs(),
        CONFIG,
        steps=STEPS,
        checkpoints=folder,
        resume=resume,
        progress=progress,
    )
    return model.state_dict(), history


def equal(a: Weights, b: Weights) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)
