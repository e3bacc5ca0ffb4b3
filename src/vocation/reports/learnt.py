"""Which texts a training has learnt: salted hashes beside the record of its run, never in a bundle.

They tell new rows from learnt ones when two models are compared or one is evaluated. A hash shows
no text, but whoever has the file and guesses a whole text can check whether it was there. Parts of
texts are not hashed: they could be guessed one after the other.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.data.dataset import Dataset
from vocation.files import atomic_write
from vocation.text.clean import clean

SUFFIX = ".learnt"
"""The file beside <run>.json is <run>.learnt."""

_BYTES = 8  # of a hash: two of a million texts are equal by chance once in 10^7 data sets
_FEWEST_WORDS = 5  # a cell of fewer words, such as an author's name, says nothing about its row


@dataclass(frozen=True)
class Learnt:
    """The hashes of learnt texts; `text in learnt` ignores case, punctuation and spacing.

    `parts` holds a salt and the hashes made with it for this training and for each one that it
    started from. `complete` is False where one of these left no hashes.
    """

    parts: tuple[tuple[bytes, frozenset[bytes]], ...]
    complete: bool = True

    def __contains__(self, text: object) -> bool:
        return any(_hash(str(text), salt) in hashes for salt, hashes in self.parts)


def of(data: Dataset) -> Learnt:
    """The texts of `data`: those of its rows, and those of their cells of five words and more."""
    salt = secrets.token_bytes(16)
    cells = (
        cell
        for row in data.rows
        for cell in row.cells.values()
        if len(cell.split()) >= _FEWEST_WORDS
    )
    return Learnt(((salt, frozenset(_hash(text, salt) for text in (*data.texts, *cells))),))


def after(learnt: Learnt, earlier: Learnt | None) -> Learnt:
    """What a training on `learnt` knows that started from a model that knows `earlier`."""
    if earlier is None:
        return Learnt(learnt.parts, complete=False)
    return Learnt(learnt.parts + earlier.parts, earlier.complete)


def write(learnt: Learnt, record: Path, metadata: Mapping[str, Any]) -> Path:
    """Write `learnt` beside `record`, that of the run with `metadata`, for its owner alone."""
    content = {
        "bundle": _identity(metadata),
        "complete": learnt.complete,
        "parts": [
            {"salt": salt.hex(), "hashes": b"".join(sorted(hashes)).hex()}
            for salt, hashes in learnt.parts
        ],
    }
    return atomic_write(record.with_suffix(SUFFIX), json.dumps(content), mode=0o600)


def find(folder: Path, metadata: Mapping[str, Any]) -> Learnt | None:
    """What the bundle with `metadata` has learnt, from the records in `folder`.

    None where there is no such file, or it cannot be read: then nobody can tell.
    """
    time = re.sub(r"[^0-9]", "", str(metadata.get("trained")))
    # A record's name begins with the time of its training, so few files need to be opened.
    for path in sorted(folder.glob(f"{time[:8]}-{time[8:14]}-*{SUFFIX}")):
        try:
            content = json.loads(path.read_text("utf-8"))
            if content["bundle"] == _identity(metadata):
                parts = tuple(_part(part["salt"], part["hashes"]) for part in content["parts"])
                return Learnt(parts, content["complete"] is True)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def sentence(count: int | None, rows: int, learnt: Learnt | None, folder: Path) -> str:
    """What it means for an accuracy that `count` of its `rows` are in `learnt` (None: unknown)."""
    if count:
        bad = "say nothing about" if 2 * count > rows else "are too good for"
        return (
            f"WARNING: {count:,} of these {rows:,} rows were learnt in training: the figures {bad}"
            " new people"
        )
    if learnt is None or not learnt.complete:
        return (
            f"whether rows of these were learnt in training cannot be told: no record in {folder}"
        )
    return "none of these rows was learnt in training"


def _part(salt: str, hashes: str) -> tuple[bytes, frozenset[bytes]]:
    whole = bytes.fromhex(hashes)
    return bytes.fromhex(salt), frozenset(
        whole[i : i + _BYTES] for i in range(0, len(whole), _BYTES)
    )


def _identity(metadata: Mapping[str, Any]) -> str:
    """Tells a bundle from all others: its metadata has the date, duration and every figure."""
    return hashlib.sha256(json.dumps(metadata, sort_keys=True).encode()).hexdigest()


def _hash(text: str, salt: bytes) -> bytes:
    plain = clean(text).casefold()
    words = " ".join(re.findall(r"\w+", plain)) or plain
    return hashlib.blake2b(words.encode(), digest_size=_BYTES, salt=salt).digest()
