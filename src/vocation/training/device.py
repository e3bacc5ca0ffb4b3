"""Which device trains, and how long the full preset would take on it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from vocation.config import TrainConfig
from vocation.training.batches import Examples
from vocation.training.schedule import planned_steps

if TYPE_CHECKING:  # the encoder's own files import this one
    from vocation.training.encoder.network import CareerNetwork


def name() -> str:
    """The device that the Trainer will take, in words."""
    if torch.cuda.is_available():
        return f"GPU ({torch.cuda.get_device_name()})"
    if torch.backends.mps.is_available():
        return "Apple GPU (mps)"
    return f"CPU ({torch.get_num_threads()} threads)"


def precision(wanted: str) -> str:
    """The number format of fine-tuning: `wanted`, or for "auto" 16 bits on a GPU, else 32."""
    if wanted != "auto":
        return wanted
    # Also on an Apple GPU: "auto" takes 16 bits on CUDA only.
    if not torch.cuda.is_available():
        return "float32"
    return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"


def processes() -> int:
    """The number of processes that `accelerate launch` or `torchrun` started; 1 without them."""
    return max(1, int(os.environ.get("WORLD_SIZE", "1")))


def is_main_process() -> bool:
    """Whether this process writes files and reports, of those that train together."""
    return os.environ.get("RANK", "0") == "0"


def wait_for_everyone() -> None:
    """Wait until every process that trains is here; the first call connects them."""
    if processes() > 1:
        PartialState(cpu=together_on_cpu()).wait_for_everyone()


def together_on_cpu() -> bool:
    """Whether several processes train without a GPU."""
    return processes() > 1 and not torch.cuda.is_available()


def broadcast(value: str) -> str:
    """The main process's `value`, in all processes."""
    return str(broadcast_object_list([value])[0]) if processes() > 1 else value


def full_seconds(network: CareerNetwork, part: Examples, config: TrainConfig) -> float | None:
    """Estimate the seconds of fine-tuning twice: once to measure, once on all rows.

    From two steps on a quarter of a batch, on a single row where memory is short. None where not
    even that fits. The network is left as it was.
    """
    for size in (max(1, config.batch_size // 4), 1):
        try:
            seconds = _step_seconds(network, part, size)
        except torch.OutOfMemoryError:
            continue
        finally:
            # Gradients are dropped here, so that a second try begins with free memory.
            network.zero_grad()
            network.cpu().eval()
        # 1.15: validation after each epoch, measured on two cores.
        return 2 * planned_steps(part.size, config) * seconds * (config.batch_size / size) * 1.15
    return None


def _step_seconds(network: CareerNetwork, part: Examples, size: int) -> float:
    """Seconds of one step on `size` rows of different length, the faster one of two."""
    gpu = "cuda" if torch.cuda.is_available() else "mps"
    usable = torch.cuda.is_available() or torch.backends.mps.is_available()
    device = torch.device(gpu if usable else "cpu")
    network.to(device).train()
    # Evenly spread over the part, so that short and long texts are both among them.
    rows = list(range(0, part.size, max(1, part.size // size)))[:size]
    batch = {key: value.to(device) for key, value in part.batch(rows).items()}
    seconds = float("inf")
    for _ in range(2):  # the first step also pays for setting up
        start = time.perf_counter()
        network(**batch)["loss"].backward()
        network.zero_grad()
        if device.type == "cuda":
            # CUDA works asynchronously: without this the clock stops before the step is done.
            torch.cuda.synchronize()
        seconds = min(seconds, time.perf_counter() - start)
    # A small part may have fewer rows than `size`.
    return seconds * size / len(rows)
