"""Batches for the training loop, made from example numbers and grouped by length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.trainer_pt_utils import get_length_grouped_indices

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Examples:
    """Examples to train or validate on; `batch` makes the model's arguments from example numbers.

    `size` is the number of examples. `lengths` (size), in tokens, group those of about the same
    length into one batch.
    """

    size: int
    batch: Callable[[list[int]], Batch]
    lengths: list[int] | None = None


class IndexDataset(torch.utils.data.Dataset[int]):
    """The Trainer's view of Examples: items are numbers, the collator turns them into a batch."""

    def __init__(self, part: Examples) -> None:
        self.size = part.size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, i: int) -> int:
        return i


class LengthGroupedSampler(torch.utils.data.Sampler[int]):
    """Example numbers in a new order each epoch, those of a batch about equally long.

    The batches are shuffled; padding then costs little time.
    """

    def __init__(self, lengths: list[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = lengths, batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer before each epoch, also when it resumes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        # Own generator: the order depends on seed and epoch alone, also in a resumed run.
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        # It sorts by length in large blocks, and puts the longest batch first.
        order = get_length_grouped_indices(self.lengths, self.batch_size, generator=generator)
        full = len(order) // self.batch_size
        # The last batch may be short and stays last: the Trainer counts full ones before it.
        for number in [*torch.randperm(full, generator=generator).tolist(), full]:
            yield from order[number * self.batch_size : (number + 1) * self.batch_size]
