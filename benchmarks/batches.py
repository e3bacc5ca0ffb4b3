"""What a text costs in a loop and in a list: texts of mixed lengths, answered one by one and
together, with the largest difference between the answers.

    python benchmarks/batches.py [--bundle models] [--count 256] [--threads 2]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import Recommender
from vocation.data.dataset import load

ROUNDS = 3
Floats = NDArray[np.float64]


def best(run: Callable[[], Any], texts: int) -> tuple[float, float]:
    """Return the best of ROUNDS in ms a text, by the clock and of computing."""
    clock, computing = [], []
    for _ in range(ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        run()
        clock.append((time.perf_counter() - start) * 1000 / texts)
        computing.append((time.process_time() - used) * 1000 / texts)
    return min(clock), min(computing)


def one_by_one(ask: Callable[[list[str]], Floats], texts: list[str]) -> Floats:
    return np.concatenate([ask([text]) for text in texts])


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--count", type=int, default=256)
    arguments.add_argument("--threads", type=int, default=2)
    args = arguments.parse_args()
    ask = Recommender.load(args.bundle, threads=args.threads).probabilities
    texts = random.Random(0).sample(list(load(None).texts), args.count)
    kinds = {
        "mixed": [" ".join(text.split()[: 1 + 7 * i % 200]) for i, text in enumerate(texts)],
        "as they are": texts,
        "ten words": [" ".join(text.split()[:10]) for text in texts],
    }
    print("| texts | words, median / longest | loop, ms | list, ms | differ by |")
    print("|---|---|---|---|---|")
    for name, kind in kinds.items():
        alone, together = one_by_one(ask, kind), ask(kind)
        loop = best(partial(one_by_one, ask, kind), len(kind))
        listed = best(partial(ask, kind), len(kind))
        words = sorted(len(text.split()) for text in kind)
        print(
            f"| {name} | {words[len(words) // 2]} / {words[-1]} | {loop[0]:.1f} (CPU {loop[1]:.1f})"
            f" | {listed[0]:.1f} (CPU {listed[1]:.1f}) | {np.abs(alone - together).max():.1e} |"
        )


if __name__ == "__main__":
    main()
