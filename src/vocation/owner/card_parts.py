"""The model card in parts that a page can show without trusting a word of it as markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one kind: "text", "list", "code" or "table", whose lines are rows of cells."""

    kind: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one heading of the card."""

    title: str
    blocks: tuple[Block, ...]


def parts(card: str) -> list[Part]:
    """The parts of a card that `reports.card.text` made, without what stands before the first."""
    found = []
    for section in card.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        found.append(Part(title.strip(), tuple(_blocks(body))))
    return found


def _blocks(body: str) -> Iterator[Block]:
    for number, piece in enumerate(body.split("\n```")):
        if number % 2:  # between two fences
            yield Block("code", tuple(piece.strip("\n").splitlines()))
            continue
        for kind, group in groupby(piece.splitlines(), _kind):
            lines = tuple(group)
            if kind == "table":
                rows = (tuple(map(str.strip, line.strip("| ").split(" | "))) for line in lines)
                yield Block("table", rows=tuple(row for row in rows if set(row[0]) - set("-|")))
            elif kind == "list":
                yield Block("list", tuple(line.removeprefix("- ") for line in lines))
            elif kind == "text":
                yield Block("text", lines)


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    return "table" if line.startswith("|") else "list" if line.startswith("- ") else "text"
