"""A bit that flips on a disk or on the way: is it noticed, or does it change nothing?"""

from __future__ import annotations

import collections
import os
import random
import tempfile
from pathlib import Path

from vocation import Recommender
from vocation.bundle import layout, reader
from vocation.errors import BundleError

from .cases import copy
from .child import TEXTS


def flips(good: Path, count: int, seed: int) -> int:
    """Flip `count` bits, half in the files of the folder `good` in proportion to their sizes, half
    in its zip; returns how many slipped through.

    A flip is noticed where reading the whole bundle is refused. Elsewhere every file must come out
    byte for byte as before, and the answers too.
    """
    rng, found = random.Random(seed), collections.Counter[str]()
    whole, answers = reader.read_whole(good), Recommender.load(good).probabilities(TEXTS)
    with tempfile.TemporaryDirectory() as name:
        folder = copy(good, Path(name, "bundle"))
        archive = Path(name, layout.ZIP)
        archive.write_bytes((good / layout.ZIP).read_bytes())
        files = sorted(path for path in folder.iterdir() if path.is_file())
        sizes = [path.stat().st_size for path in files]
        for path in files:
            content = path.read_bytes()
            path.unlink()  # it was a link to the honest one
            path.write_bytes(content)
        for number in range(count):
            path = rng.choices(files, sizes)[0] if number % 2 else archive
            place, bit = rng.randrange(path.stat().st_size), 1 << rng.randrange(8)
            _flip(path, place, bit)
            try:
                same = reader.read_whole(path if path == archive else folder) == whole
                same = same and bool(
                    (
                        Recommender.load(path if path == archive else folder).probabilities(TEXTS)
                        == answers
                    ).all()
                )
                found["without effect" if same else "SLIPPED THROUGH"] += 1
                where = f"{path.name} byte {place}"
                if not same:
                    print(f"BAD flip in {where}: other contents or answers")
            except BundleError:
                found["noticed"] += 1
            _flip(path, place, bit)
    print(
        f"{count} flipped bits: "
        + ", ".join(f"{number} {kind}" for kind, number in sorted(found.items()))
    )
    return found["SLIPPED THROUGH"]


def _flip(path: Path, place: int, bit: int) -> None:
    with open(path, "r+b", buffering=0) as file:
        old = os.pread(file.fileno(), 1, place)
        os.pwrite(file.fileno(), bytes([old[0] ^ bit]), place)
