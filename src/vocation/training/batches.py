"""Examples for the training loop: batches are made from numbers, and of examples that take about as
long to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.trainer_pt_utils import get_length_grouped_indices

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Examples:
    """Examples of one part of the data. `batch` makes the model's arguments from a list of example
    numbers; `size` counts them.

    `lengths` (size) are what they cost to read, where that differs: batches are then made of
    examples of about the same length.
    """

    size: int
    batch: Callable[[list[int]], Batch]
    lengths: list[int] | None = None


class IndexDataset(torch.utils.data.Dataset[int]):
    """The Trainer's view of a Part: its items are numbers, the collator turns numbers into a
    batch.
    """

    def __init__(self, part: Examples) -> None:
        self.size = part.size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, i: int) -> int:
        return i


class LengthGroupedSampler(torch.utils.data.Sampler[int]):
    """Example numbers in another order each epoch, those of a batch about equally long, the batches
    shuffled: no time is lost on padding.
    """

    def __init__(self, lengths: list[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = lengths, batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """The Trainer says which pass over the examples comes, also when it resumes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        order = get_length_grouped_indices(self.lengths, self.batch_size, generator=generator)
        full = len(order) // self.batch_size
        for number in [
            *torch.randperm(full, generator=generator).tolist(),
            full,
        ]:  # the last one may be short and stays last
            yield from order[number * self.batch_size : (number + 1) * self.batch_size]
