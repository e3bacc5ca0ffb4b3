"""Which device trains, and how long the full preset would take on it."""

from __future__ import annotations

import time

import torch

from vocation.config import TrainConfig
from vocation.training.loop import Part, planned_steps
from vocation.training.network import CareerNetwork


def name() -> str:
    """The device that the Trainer will take, in words."""
    if torch.cuda.is_available():
        return f"GPU ({torch.cuda.get_device_name()})"
    if torch.backends.mps.is_available():
        return "Apple GPU (mps)"
    return f"CPU ({torch.get_num_threads()} threads)"


def full_seconds(network: CareerNetwork, part: Part, config: TrainConfig) -> float:
    """An estimate for fine-tuning twice (once to measure, once on all rows), from two steps on a quarter of a batch without a trace."""
    device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
    network.to(device).train()
    size = max(1, config.batch_size // 4)
    numbers = list(range(0, part.size, max(1, part.size // size)))[:size]
    batch = {key: value.to(device) for key, value in part.batch(numbers).items()}
    seconds = float("inf")
    for _ in range(2):  # the first step also pays for setting up
        start = time.perf_counter()
        network(**batch)["loss"].backward()
        network.zero_grad()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds = min(seconds, time.perf_counter() - start)
    network.cpu().eval()
    return 2 * planned_steps(part.size, config) * seconds * (config.batch_size / len(numbers)) * 1.15
