"""Which device trains, and how long the full preset would take on it."""

from __future__ import annotations

import os
import time

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from vocation.config import TrainConfig
from vocation.training.batches import Part
from vocation.training.encoder.network import CareerNetwork
from vocation.training.schedule import planned_steps


def name() -> str:
    """The device that the Trainer will take, in words."""
    if torch.cuda.is_available():
        return f"GPU ({torch.cuda.get_device_name()})"
    if torch.backends.mps.is_available():
        return "Apple GPU (mps)"
    return f"CPU ({torch.get_num_threads()} threads)"


def precision(wanted: str) -> str:
    """The kind of number that fine-tuning computes in: `wanted`, or for "auto" 16 bits where a
    graphics card is made for them.
    """
    if wanted != "auto":
        return wanted
    if not torch.cuda.is_available():
        return "float32"
    return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"


def processes() -> int:
    """How many processes train together: 1, or as many as `accelerate launch` or `torchrun`
    started.
    """
    return max(1, int(os.environ.get("WORLD_SIZE", "1")))


def is_main_process() -> bool:
    """Whether this is the process that writes and speaks, of those that train together."""
    return os.environ.get("RANK", "0") == "0"


def wait_for_everyone() -> None:
    """Meet the other processes that train together, if there are any; the first call connects
    them.
    """
    if processes() > 1:
        PartialState(cpu=together_on_cpu()).wait_for_everyone()


def together_on_cpu() -> bool:
    """Whether several processes train and have no graphics card to do it on."""
    return processes() > 1 and not torch.cuda.is_available()


def broadcast(value: str) -> str:
    """The leading process's `value`, in all processes."""
    return str(broadcast_object_list([value])[0]) if processes() > 1 else value


def full_seconds(network: CareerNetwork, part: Part, config: TrainConfig) -> float:
    """An estimate for fine-tuning twice (once to measure, once on all rows), from two steps on a
    quarter of a batch without a trace.
    """
    device = torch.device(
        "cuda"
        if torch.cuda.is_available()
        else "mps"
        if torch.backends.mps.is_available()
        else "cpu"
    )
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
    return (
        2 * planned_steps(part.size, config) * seconds * (config.batch_size / len(numbers)) * 1.15
    )
